using System.Text;
using Gtc.Wasm.Components;

namespace Gtc.Cli.Components;

/// <summary>Writes types as WIT does, up to a length: a small file may describe a type whose text has gigabytes.</summary>
internal sealed class WitText
{
    private const int Most = 2_000;

    private readonly StringBuilder _text = new();

    private WitText()
    {
    }

    private bool IsFull => _text.Length >= Most;

    /// <summary>The text of a function type.</summary>
    public static string Of(WitFunctionType type)
    {
        var writer = new WitText();
        writer.List("func(", type.Names.Length, index => writer.Field(type.Names[index], type.Parameters[index]), ")");
        if (type.Result is { } result)
        {
            writer.Add(" -> ");
            writer.Type(result);
        }

        return writer.IsFull ? writer._text.ToString(0, Most) + "…" : writer._text.ToString();
    }

    private void Type(WitType type)
    {
        switch (type)
        {
            case WitType.List list:
                Add("list<");
                Type(list.Element);
                Add(">");
                break;
            case WitType.Product { Names.IsDefault: true } tuple:
                List("tuple<", tuple.Parts.Length, index => Type(tuple.Parts[index]), ">");
                break;
            case WitType.Product record:
                List("record {", record.Parts.Length, index => Field(record.Names[index], record.Parts[index]), "}");
                break;
            case WitType.Sum sum:
                Sum(sum);
                break;
            case WitType.Flags flags:
                List("flags {", flags.Names.Length, index => Add(flags.Names[index]), "}");
                break;
            case WitType.Enumeration enumeration:
                List("enum {", enumeration.Names.Length, index => Add(enumeration.Names[index]), "}");
                break;
            default:
                Add(type.ToString() ?? "");
                break;
        }
    }

    private void Sum(WitType.Sum sum)
    {
        switch (sum.Kind)
        {
            case SumKind.Option:
                Add("option<");
                Payload(sum.Payloads[1]);
                Add(">");
                break;
            case SumKind.Result:
                List("result<", 2, index => Payload(sum.Payloads[index]), ">");
                break;
            default:
                List("variant {", sum.Names.Length, index => Case(sum, index), "}");
                break;
        }
    }

    private void Case(WitType.Sum sum, int index)
    {
        Add(sum.Names[index]);
        if (sum.Payloads[index] is { } payload)
        {
            Add("(");
            Type(payload);
            Add(")");
        }
    }

    private void Payload(WitType? type)
    {
        if (type is null)
        {
            Add("_");
        }
        else
        {
            Type(type);
        }
    }

    private void Field(string name, WitType type)
    {
        Add(name);
        Add(": ");
        Type(type);
    }

    private void List(string open, int count, Action<int> item, string close)
    {
        Add(open);
        for (var index = 0; index < count && !IsFull; index++)
        {
            Add(index == 0 ? "" : ", ");
            item(index);
        }

        Add(close);
    }

    private void Add(string text)
    {
        if (!IsFull)
        {
            _text.Append(text.AsSpan(0, Math.Min(text.Length, Most)));
        }
    }
}
