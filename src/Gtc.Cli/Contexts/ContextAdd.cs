using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Contexts;

/// <summary><c>gtc context add</c>: a name for a store server, with the token for it.</summary>
internal static class ContextAdd
{
    /// <summary>The verb.</summary>
    public static Verb<AddContextPayload> Verb => new()
    {
        Noun = "context",
        Name = "add",
        Purpose = "Give a store server a name, and keep the token for it",
        Remark = "The token is asked for with `--token-file -` and kept in a file that only you can read, with --token-keyring in the keyring of your session, or it stays in a file of yours that only you can read.\n"
            + "It never stands on a command line. Adding a name again replaces what it stood for, and forgets the token that was kept for it.",
        Examples =
        [
            "context add prod --store-url https://store.example:8787 --token-file - --use",
            "context add prod --store-url https://store.example:8787 --token-keyring",
            "context add lab --store-url http://127.0.0.1:8787",
            "context add prod --store-url https://store.example:8787 --ca-file ca.pem --client-cert me.pem --client-key me.key",
        ],
        Payload = ContextAnswers.Default.AddContextPayload,
        Fields =
        [
            new("name", "its name", null, "NAME", "NAME"),
            new("store_url", "the address of the server", "--store-url", "URL"),
            new("token_file", "the file that holds the token; - to be asked for it, or to read it from standard input", "--token-file", "FILE|-"),
            new("token_keyring", "be asked for the token, or read it from standard input, and keep it in the keyring of your session, through secret-tool", "--token-keyring"),
            new("ca_file", "the only authorities that the server's certificate may be of, as PEM; those of this machine when not given", "--ca-file", "FILE"),
            new("client_cert", "the certificate that you show to the server, as PEM", "--client-cert", "FILE"),
            new("client_key", "the key of that certificate, as PEM", "--client-key", "FILE"),
            new("use", "use it from now on", "--use"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(AddContextPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var context = call.Context;
        if (!ContextFile.IsName(payload.Name))
        {
            return new Refusal.InvalidArgument($"`{payload.Name}` cannot name a context: letters, digits, `-`, `_` and `.`, at most 63; `local` stands for files on this machine");
        }

        if ((payload.ClientCert is null) != (payload.ClientKey is null))
        {
            return new Refusal.InvalidArgument("--client-cert and --client-key go together");
        }

        if (payload is { TokenKeyring: true, TokenFile: not null })
        {
            return new Refusal.InvalidArgument("--token-keyring and --token-file exclude each other");
        }

        if (!ContextFile.Read(context).TryGet(out var file, out var refusal)
            || !(await TokenAsync(payload, context, cancellationToken)).TryGet(out var token, out refusal)
            || !StoreTarget.Of(payload.StoreUrl, token.Value).TryGet(out var target, out refusal))
        {
            return refusal;
        }

        var named = new StoreContext
        {
            StoreUrl = target.Address.ToString(),
            TokenFile = token.File,
            TokenKeyring = payload.TokenKeyring ? true : null,
            CaFile = Full(payload.CaFile),
            ClientCert = Full(payload.ClientCert),
            ClientKey = Full(payload.ClientKey),
        };
        if (payload.TokenKeyring && Keyring.Write(payload.Name, token.Value!, context) is { } locked)
        {
            return locked;
        }

        if (token is { IsKept: true } && TokenFiles.Write(Path.Combine(ContextFile.Folder(context)!, token.File!), token.Value!, context.Random) is { } unkept)
        {
            return unkept;
        }

        var changed = file with { Contexts = file.Contexts.SetItem(payload.Name, named), Current = payload.Use ? payload.Name : file.Current };
        if (changed.Write(context) is { } unwritten)
        {
            return unwritten;
        }

        // Only now: until the file says otherwise, the earlier token is the one that counts.
        return file.Forget(payload.Name, named, context) is { } stays
            ? stays with { Details = [.. stays.Details, new("the context", "is changed; only its earlier token is still kept")] }
            : ContextCommand.Shown($"Context {payload.Name} is {(changed.Current == payload.Name ? "in use" : "known")}.", ContextSummary.Of(payload.Name, changed));

        string? Full(string? path) => path is null ? null : context.PathOf(path);
    }

    private static async Task<Outcome<GivenToken>> TokenAsync(AddContextPayload payload, CliContext context, CancellationToken cancellationToken)
    {
        if (payload.TokenKeyring)
        {
            return (await AskedAsync(payload, context, cancellationToken)).Then<GivenToken>(token => new GivenToken(token, null, IsKept: false));
        }

        if (payload.TokenFile is not "-")
        {
            return payload.TokenFile is null
                ? new GivenToken(null, null, IsKept: false)
                : TokenFiles.Read(context.PathOf(payload.TokenFile)).Then<GivenToken>(token => new GivenToken(token, context.PathOf(payload.TokenFile), IsKept: false));
        }

        if (ContextFile.Folder(context) is null)
        {
            return new Refusal.InvalidArgument("there is no place for tokens: neither XDG_CONFIG_HOME nor HOME is set");
        }

        var kept = Path.Combine("tokens", payload.Name);
        return (await AskedAsync(payload, context, cancellationToken)).Then<GivenToken>(token => new GivenToken(token, kept, IsKept: true));
    }

    private static async Task<Outcome<string>> AskedAsync(AddContextPayload payload, CliContext context, CancellationToken cancellationToken)
    {
        if (context.AskHidden is { } ask)
        {
            return TokenFiles.Of(await ask(context.Stderr, $"Token for {payload.StoreUrl}: ", cancellationToken), "what was typed");
        }

        await using var stdin = context.OpenStdin();
        return TokenFiles.Read(stdin, "standard input");
    }

    /// <param name="Value">The token, or null.</param>
    /// <param name="File">The file that holds it, or is to.</param>
    /// <param name="IsKept">Whether it is written there.</param>
    private sealed record GivenToken(string? Value, string? File, bool IsKept);
}
