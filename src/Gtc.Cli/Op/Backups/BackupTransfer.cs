using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Backups;

/// <summary><c>gtc op backups export</c> and <c>import</c>: take one environment from a server to another.</summary>
internal static class BackupTransfer
{
    private const int MaxBytes = 1 << 30;

    /// <summary>The verb that takes it out.</summary>
    public static Verb<ExportBackupPayload> ExportVerb => new()
    {
        Noun = BackupsNoun.Name,
        Name = "export",
        Purpose = "Write a backup with its audit log and keys into a file that the server has signed",
        Examples = ["op backups export prod --backup 01KAN0C2M5V8W6Y3T1R9QKXJ7H --out prod.json --store-url https://store.example:8787"],
        Payload = OpJson.Default.ExportBackupPayload,
        Fields = [PayloadField.Environment, BackupsNoun.Backup, new("out", "the new file", "--out", "FILE")],
        RunAsync = ExportAsync,
    };

    /// <summary>The verb that brings it in.</summary>
    public static Verb<ImportBackupPayload> ImportVerb => new()
    {
        Noun = BackupsNoun.Name,
        Name = "import",
        Purpose = "Make an environment of an exported backup",
        Remark = "The environment must not exist. A file that another server signed is only taken when --confirm-signer names that server's key.",
        Examples = ["op backups import prod --file prod.json --confirm-signer fe812c12f3ab4ce6ac5db69ac352f906 --store-url https://store.example:8787"],
        Payload = OpJson.Default.ImportBackupPayload,
        Fields =
        [
            PayloadField.Environment,
            new("file", "the exported backup", "--file", "FILE"),
            new("confirm_signer", "the id of the key that signed it, where that is not this server's", "--confirm-signer", "KEY_ID"),
            PayloadField.RetryKey,
        ],
        RunAsync = ImportAsync,
    };

    private static async Task<Outcome<Answer>> ExportAsync(ExportBackupPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var path = call.Context.PathOf(payload.Out);
        if (File.Exists(path))
        {
            return new Refusal.Conflict($"{path} exists already");
        }

        if (!BackupsNoun.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.Server.BackupsAsync(at.Environment, [payload.BackupId, "export"], cancellationToken)).TryGet(out var artifact, out refusal))
        {
            return refusal;
        }

        if (new AtomicFile(new RandomSource(call.Context.Random)).Write(path, Encoding.UTF8.GetBytes(artifact.GetRawText()), AtomicFile.Private) is { } unwritten)
        {
            return unwritten;
        }

        var signer = artifact.GetProperty("signer").GetProperty("key_id").GetString();
        var result = JsonSerializer.SerializeToElement(new JsonObject { ["file"] = path, ["signer"] = signer }, OpJson.Default.JsonObject);
        return BackupsNoun.Told(result, _ => $"Backup {payload.BackupId} is in {path}, signed by key {signer}.");
    }

    private static async Task<Outcome<Answer>> ImportAsync(ImportBackupPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var path = call.Context.PathOf(payload.File);
        if (new FileInfo(path) is { Exists: true, Length: > MaxBytes } large)
        {
            return new Refusal.FileFailed($"{path} has {large.Length:N0} bytes, the most is {MaxBytes:N0}");
        }

        // The artifact goes as it is: nothing of what was signed may be written anew.
        var artifact = await File.ReadAllBytesAsync(path, cancellationToken);
        var signer = payload.ConfirmSigner is { } confirmed ? $",\"confirm_signer\":{JsonSerializer.Serialize(confirmed, OpJson.Default.String)}" : "";
        byte[] body = [.. "{\"artifact\":"u8, .. artifact, .. Encoding.UTF8.GetBytes(signer + "}")];
        return (await BackupsNoun.ChangeAsync(call, payload.EnvironmentId, "import", HttpMethod.Post, ["import"], body, payload.IdempotencyKey, cancellationToken)).Then<Answer>(done =>
            BackupsNoun.Told(done.Result, _ => $"The environment is imported as generation {done.Generation}."));
    }
}

/// <summary>What <c>backups export</c> takes.</summary>
internal sealed record ExportBackupPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The backup.</summary>
    public required string BackupId { get; init; }

    /// <summary>The new file.</summary>
    public required string Out { get; init; }
}

/// <summary>What <c>backups import</c> takes.</summary>
internal sealed record ImportBackupPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The exported backup.</summary>
    public required string File { get; init; }

    /// <summary>The key that signed it.</summary>
    public string? ConfirmSigner { get; init; }

    /// <summary>The caller's key.</summary>
    public string? IdempotencyKey { get; init; }
}
