using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.AuditFiles;

/// <summary><c>gtc audit export</c>: the whole audit log of an environment as JSON lines.</summary>
internal static class AuditExport
{
    private const string CheckpointSuffix = ".checkpoint";

    /// <summary>The verb.</summary>
    public static Verb<ExportPayload> Verb => new()
    {
        Noun = "audit",
        Name = "export",
        Purpose = "Write an environment's whole audit log as JSON lines",
        Remark = "The lines are exactly those of the log, so audit verify checks the file. Where the log was pruned, FILE.checkpoint says up to where. The answer gives the head, the hash\n"
            + "of the last line: noted down elsewhere, it tells later whether lines are missing at the end. The store is that of gtc op, local or a server.",
        Examples = ["audit export prod --out prod.jsonl", "audit export prod --store-url https://store.example:8787 --store-token-file ci.token --out prod.jsonl"],
        Payload = AuditFilesJson.Default.ExportPayload,
        Fields =
        [
            PayloadField.Environment,
            new("out", "the new file; standard output when not given", "--out", "FILE"),
            new("store_root", "where environments live; GREENTIC_STORE_ROOT or ~/.greentic/environments when not given", "--store-root", "DIR"),
            new("store_url", "the store server that has the environment; GREENTIC_STORE_URL or the current context when not given", "--store-url", "URL"),
            new("store_token_file", "the bearer token for it, in a file that only you can read", "--store-token-file", "FILE"),
            new("context", "the store of a context; `local` for files", "--context", "NAME"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ExportPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!call.Environment(payload.EnvironmentId).TryGet(out var environment, out var refusal)
            || !(await ReadAsync(environment, payload, call, cancellationToken)).TryGet(out var log, out refusal))
        {
            return refusal;
        }

        if (payload.Out is not { } named)
        {
            return new Answer(_ => { }, _ => { }) { Lines = writer => Print(log, writer) };
        }

        var path = call.Context.PathOf(named);
        if (File.Exists(path))
        {
            return new Refusal.Conflict($"{path} exists already") { Next = $"gtc audit verify {named}" };
        }

        await using (var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = AtomicFile.Private }))
        {
            foreach (var line in log.Lines)
            {
                await file.WriteAsync(line, cancellationToken);
                file.WriteByte((byte)'\n');
            }
        }

        if (log.Checkpoint is { } checkpoint)
        {
            await File.WriteAllBytesAsync(path + CheckpointSuffix, checkpoint, cancellationToken);
        }

        var result = new ExportedFile(environment.ToString(), path, log.Lines.Length) { Head = log.Head, Checkpoint = log.Checkpoint is null ? null : path + CheckpointSuffix };
        return Answer.Of(result, AuditFilesJson.Default.ExportedFile, screen =>
        {
            screen.Say($"{result.Lines} lines of environment {environment} are in {path}.");
            screen.Facts(("head", result.Head), ("checkpoint", result.Checkpoint));
        });
    }

    private static async Task<Outcome<ExportedAudit>> ReadAsync(EnvId environment, ExportPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var flags = new StoreFlags { Root = payload.StoreRoot, Url = payload.StoreUrl, TokenFile = payload.StoreTokenFile, Context = payload.Context };
        if (!StoreChoice.Find(flags, call.Context).TryGet(out var server, out var refusal))
        {
            return refusal;
        }

        if (server is not null)
        {
            if (!server.Transport(call.Context).TryGet(out var transport, out refusal))
            {
                return refusal;
            }

            using var remote = new RemoteStore(server.Target, transport);
            return await remote.ExportAuditAsync(environment, cancellationToken);
        }

        if (!StoreLayout.Find(payload.StoreRoot is { } root ? call.Context.PathOf(root) : null, call.Context.Variable).TryGet(out var layout, out refusal))
        {
            return refusal;
        }

        await using var store = new FileEnvironmentStore(layout, call.Context.Time, new RandomSource(call.Context.Random)) { Warned = warning => call.Warn(warning.Message) };
        return (await store.LoadAsync(environment, cancellationToken)).Then(_ => new AuditTrail(store).Export(environment));
    }

    private static void Print(ExportedAudit log, TextWriter writer)
    {
        foreach (var line in log.Lines)
        {
            writer.Write(System.Text.Encoding.UTF8.GetString(line.Span));
            writer.Write('\n');
        }
    }
}

/// <summary>What <c>audit export</c> takes.</summary>
internal sealed record ExportPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The new file.</summary>
    public string? Out { get; init; }

    /// <summary>The local store.</summary>
    public string? StoreRoot { get; init; }

    /// <summary>The store server.</summary>
    public string? StoreUrl { get; init; }

    /// <summary>The file of its token.</summary>
    public string? StoreTokenFile { get; init; }

    /// <summary>The context that names the store.</summary>
    public string? Context { get; init; }
}

/// <summary>What <c>audit export</c> answers.</summary>
internal sealed record ExportedFile(string EnvironmentId, string File, long Lines)
{
    /// <summary>The hash of the last line.</summary>
    public string? Head { get; init; }

    /// <summary>The file of the checkpoint.</summary>
    public string? Checkpoint { get; init; }
}
