using System.Text;
using Microsoft.Extensions.Logging;

namespace Gtc.Flows;

/// <summary>What components say, in the log.</summary>
internal static partial class ComponentLog
{
    private const int MaxCharacters = 2048;

    [LoggerMessage(4302, LogLevel.Information, "Component {PackId}/{ComponentId} writes {Text}")]
    public static partial void Wrote(ILogger logger, string packId, string componentId, string text);

    public static string Cut(string text) => text.Length <= MaxCharacters ? text : text[..MaxCharacters];

    /// <summary>Takes what a component writes to its standard output or error.</summary>
    public static void Write(ILogger logger, ComponentCaller caller, ReadOnlySpan<byte> bytes)
    {
        if (logger.IsEnabled(LogLevel.Information) && Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, MaxCharacters)]).Trim() is { Length: > 0 } text)
        {
            Wrote(logger, caller.PackId, caller.ComponentId, text);
        }
    }
}
