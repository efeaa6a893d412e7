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

    [LoggerMessage(5042, LogLevel.Warning, "Component {PackId}/{ComponentId} was denied something: {Reason}")]
    public static partial void Denied(ILogger logger, string packId, string componentId, string reason);

    /// <summary>Takes what a component writes to its standard output or error.</summary>
    public static void Write(HostImports.HostSeat seat, ReadOnlySpan<byte> bytes)
    {
        if (seat.Logger.IsEnabled(LogLevel.Information) && Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, MaxCharacters)]).Trim() is { Length: > 0 } text)
        {
            seat.Say(text);
        }
    }
}
