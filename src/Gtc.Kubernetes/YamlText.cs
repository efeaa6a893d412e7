using System.Globalization;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gtc.Kubernetes;

/// <summary>Writes JSON as YAML 1.2 in block style, as people expect to read Kubernetes objects.</summary>
public static class YamlText
{
    /// <summary>One document, ending with a line feed.</summary>
    public static string Of(JsonElement value)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, skipAnchorName: false, indentSequences: true, newLine: "\n"));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Write(emitter, value);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Write(Emitter emitter, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, MappingStyle.Block));
                foreach (var member in value.EnumerateObject())
                {
                    emitter.Emit(Text(member.Name));
                    Write(emitter, member.Value);
                }

                emitter.Emit(new MappingEnd());
                return;
            case JsonValueKind.Array:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
                foreach (var item in value.EnumerateArray())
                {
                    Write(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                return;
            case JsonValueKind.String:
                emitter.Emit(Text(value.GetString()!));
                return;
            default:
                emitter.Emit(new Scalar(value.GetRawText()));
                return;
        }
    }

    /// <summary>A text that a reader could take for anything else is quoted.</summary>
    private static Scalar Text(string text) => new(AnchorName.Empty, TagName.Empty, text, IsPlain(text) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted, isPlainImplicit: true, isQuotedImplicit: true);

    // Words such as yes, no, on, off, null and true, numbers, and dates begin with a letter or digit too, so only words with a clear shape go plain.
    private static bool IsPlain(string text) =>
        text.Length > 1 && char.IsAsciiLetter(text[0])
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '/' or '.' or '_')
        && text.ToLowerInvariant() is not ("yes" or "no" or "on" or "off" or "true" or "false" or "null" or "nan" or "inf");
}
