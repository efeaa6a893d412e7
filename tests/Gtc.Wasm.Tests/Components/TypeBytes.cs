using Gtc.Wasm.Components;

namespace Gtc.Wasm.Tests.Components;

/// <summary>Value types in the binary format.</summary>
internal static class TypeBytes
{
    public static Bytes Reference(WitType type, Func<WitType, int> define) =>
        type is WitType.Primitive primitive ? new Bytes().Add(Code(primitive.Kind)) : new Bytes().Signed(define(type));

    public static Bytes Definition(WitType type, Func<WitType, Bytes> reference)
    {
        switch (type)
        {
            case WitType.Primitive primitive:
                return new Bytes().Add(Code(primitive.Kind));
            case WitType.List list:
                return new Bytes().Add(0x70).Append(reference(list.Element));
            case WitType.Flags flags:
                return Names(new Bytes().Add(0x6E), flags.Names);
            case WitType.Enumeration enumeration:
                return Names(new Bytes().Add(0x6D), enumeration.Names);
            case WitType.Product product:
                var fields = new Bytes().Add(product.Names.IsDefault ? (byte)0x6F : (byte)0x72).Number(product.Parts.Length);
                for (var i = 0; i < product.Parts.Length; i++)
                {
                    fields = product.Names.IsDefault ? fields : fields.Name(product.Names[i]);
                    fields.Append(reference(product.Parts[i]));
                }

                return fields;
            default:
                return Sum((WitType.Sum)type, reference);
        }
    }

    private static Bytes Sum(WitType.Sum sum, Func<WitType, Bytes> reference)
    {
        switch (sum.Kind)
        {
            case SumKind.Option:
                return new Bytes().Add(0x6B).Append(reference(sum.Payloads[1]!));
            case SumKind.Result:
                return new Bytes().Add(0x6A).Append(Optional(sum.Payloads[0], reference)).Append(Optional(sum.Payloads[1], reference));
            default:
                var cases = new Bytes().Add(0x71).Number(sum.Names.Length);
                for (var i = 0; i < sum.Names.Length; i++)
                {
                    cases.Name(sum.Names[i]).Append(Optional(sum.Payloads[i], reference)).Add(0);
                }

                return cases;
        }
    }

    private static Bytes Optional(WitType? type, Func<WitType, Bytes> reference) => type is null ? new Bytes().Add(0) : new Bytes().Add(1).Append(reference(type));

    private static Bytes Names(Bytes bytes, IReadOnlyCollection<string> names)
    {
        bytes.Number(names.Count);
        foreach (var name in names)
        {
            bytes.Name(name);
        }

        return bytes;
    }

    private static byte Code(PrimitiveKind kind) => (byte)(0x7F - (int)kind);
}
