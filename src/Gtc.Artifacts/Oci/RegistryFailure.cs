using System.Text.Json;
using Gtc.Artifacts.Sources;

namespace Gtc.Artifacts.Oci;

/// <summary>An unwanted answer of a registry, with the error code that the distribution specification puts into its body.</summary>
internal static class RegistryFailure
{
    private const int LongestAnswer = 64 * 1024;

    public static async Task<FetchException> OfAsync(HttpResponseMessage response, TimeProvider time, StallGuard guard)
    {
        var code = await CodeAsync(response, guard);
        return Failures.OfStatus(response, time, $"the registry answered {(int)response.StatusCode}{(code is null ? "" : $" ({code})")}");
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage response, StallGuard guard)
    {
        try
        {
            var body = await BoundedBody.ReadAsync(response, LongestAnswer, guard);
            var errors = JsonSerializer.Deserialize(body, OciJson.Default.RegistryAnswer)?.Errors;
            var code = errors is { IsDefaultOrEmpty: false } some ? some[0]?.Code : null;
            // Codes are upper-case words; anything else would be the other side's free text in our message.
            return code is { Length: > 0 and <= 64 } && code.All(static character => char.IsAsciiLetterUpper(character) || character == '_') ? code : null;
        }
        catch (Exception exception) when (exception is JsonException or FetchException or HttpRequestException or IOException)
        {
            return null;
        }
    }
}
