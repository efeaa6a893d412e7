using System.Globalization;
using System.Text.Json;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Clusters;

/// <summary>What the last check of an environment's credentials came to, before a cluster is called with them (credentials.md §4).</summary>
internal static class CredentialsGate
{
    /// <summary>The member of the payload.</summary>
    public static PayloadField Field { get; } = new("require_valid_credentials", "do nothing unless the credentials were found valid within the last 24 hours", "--require-valid-credentials");

    private const int MaxBytes = 1024 * 1024;
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(24);

    /// <summary>Warns when the credentials that are bound were not found valid within a day; refuses where that was asked for.</summary>
    public static async Task<Outcome<bool>> PassAsync(EnvironmentDocument document, bool isRequired, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await at.FilesAsync(document, [], cancellationToken)).TryGet(out var files, out var refusal))
        {
            return refusal;
        }

        if (WhyNot(document, files, call.Context.Time.GetUtcNow()) is not { } why)
        {
            return true;
        }

        if (isRequired)
        {
            return new Refusal.Conflict($"the credentials of environment `{document.EnvironmentId}` are not known to be valid: {why}") { Next = $"gtc op credentials requirements {document.EnvironmentId}" };
        }

        if (document.CredentialsRef is not null)
        {
            call.Warn($"the credentials are not known to be valid: {why}; gtc op credentials requirements {document.EnvironmentId}");
        }

        return true;
    }

    private static string? WhyNot(EnvironmentDocument document, EnvironmentFiles files, DateTimeOffset now)
    {
        if (document.CredentialsRef is not { } reference)
        {
            return "none are bound, so the kubeconfig's are used, and nobody checked them";
        }

        return Read(files.Layout.Resolve(CredentialsDocument.FileName)) is not { } last || last.Reference != reference ? "they were never checked"
            : last.Result != "pass" ? $"the check at {last.At:u} failed"
            : now - last.At > Fresh ? string.Create(CultureInfo.InvariantCulture, $"they were checked {(now - last.At).TotalHours:0} hours ago")
            : null;
    }

    /// <summary>A result that cannot be read counts as none.</summary>
    private static (string? Reference, string? Result, DateTimeOffset At)? Read(string path)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: <= MaxBytes })
            {
                return null;
            }

            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("provided_credentials_ref", out var reference) && reference.ValueKind == JsonValueKind.String
                && root.TryGetProperty("validation", out var validation) && validation.ValueKind == JsonValueKind.Object
                && validation.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.String
                && validation.TryGetProperty("last_run_at", out var at) && at.ValueKind == JsonValueKind.String && at.TryGetDateTimeOffset(out var ran)
                    ? (reference.GetString(), result.GetString(), ran)
                    : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
