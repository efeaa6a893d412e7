using System.CommandLine;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Contexts;

/// <summary><c>gtc context</c>: names for store servers, one of which is in use.</summary>
internal static class ContextCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Choose the store that `gtc op` works on: files here, or one of your servers";

    private static readonly PayloadField Name = new("name", "the context", null, "NAME", "NAME");

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new Command("context", Purpose);
        var flags = VerbFlags.AddForPlain(command);
        CommandGroup.AddTo(
            command,
            [
                new("add", () => ContextAdd.Verb.Purpose, inner => ContextAdd.Verb.Create(inner, flags)),
                new("use", () => UseVerb.Purpose, inner => UseVerb.Create(inner, flags)),
                new("list", () => ListVerb.Purpose, inner => ListVerb.Create(inner, flags)),
                new("show", () => ShowVerb.Purpose, inner => ShowVerb.Create(inner, flags)),
                new("current", () => CurrentVerb.Purpose, inner => CurrentVerb.Create(inner, flags)),
                new("remove", () => RemoveVerb.Purpose, inner => RemoveVerb.Create(inner, flags)),
            ],
            context);
        return command;
    }

    /// <summary>One context, as its facts.</summary>
    public static Answer Shown(string sentence, ContextSummary summary) => Answer.Of(summary, ContextAnswers.Default.ContextSummary, screen =>
    {
        screen.Say(sentence);
        screen.Facts(("server", summary.StoreUrl), ("token", summary.TokenKeyring == true ? "in the keyring" : summary.TokenFile), ("authorities", summary.CaFile), ("certificate", summary.ClientCert));
    });

    private static Verb<ContextPayload> UseVerb => new()
    {
        Noun = "context",
        Name = "use",
        Purpose = "Use a context from now on; `local` for files on this machine",
        Examples = ["context use prod", "context use local"],
        Payload = ContextAnswers.Default.ContextPayload,
        Fields = [Name],
        RunAsync = (payload, call, _) => Changed(call, payload, (file, name) => file with { Current = name }, (name, file) => Shown($"gtc op works on {Where(name, file)} now.", ContextSummary.Of(name, file))),
    };

    private static Verb<NoContextPayload> ListVerb => new()
    {
        Noun = "context",
        Name = "list",
        Purpose = "List the contexts",
        Examples = ["context list"],
        Payload = ContextAnswers.Default.NoContextPayload,
        Fields = [],
        RunAsync = (_, call, _) => Task.FromResult(ContextFile.Read(call.Context).Then<Answer>(file =>
        {
            var list = new ContextList([.. file.Contexts.Keys.Prepend(ContextFile.Local).Select(name => ContextSummary.Of(name, file))]);
            return Answer.Of(list, ContextAnswers.Default.ContextList, screen => screen.Table(
                new([new(""), new("context"), new("server"), new("token", 1)], [.. list.Contexts.Select(one => (System.Collections.Immutable.ImmutableArray<string>)
                    [one.Current ? "*" : "", one.Name, one.StoreUrl ?? "files on this machine", one.TokenKeyring == true ? "in the keyring" : one.TokenFile ?? ""])]),
                "There is no context."));
        })),
    };

    private static Verb<ContextPayload> ShowVerb => new()
    {
        Noun = "context",
        Name = "show",
        Purpose = "Show a context, or the one in use",
        Examples = ["context show", "context show prod"],
        Payload = ContextAnswers.Default.ContextPayload,
        Fields = [Name],
        RunAsync = (payload, call, _) => Task.FromResult(ContextFile.Read(call.Context).Then(file => Known(payload.Name ?? file.Current, file)
            .Then<Answer>(name => Shown($"Context {name}{(file.Current == name ? ", in use" : "")}: {Where(name, file)}.", ContextSummary.Of(name, file))))),
    };

    private static Verb<NoContextPayload> CurrentVerb => new()
    {
        Noun = "context",
        Name = "current",
        Purpose = "Say which context is in use",
        Remark = "Flags and variables go before it: --store-root, --store-url or --context, then GREENTIC_STORE_URL, then GREENTIC_STORE_ROOT.",
        Examples = ["context current"],
        Payload = ContextAnswers.Default.NoContextPayload,
        Fields = [],
        RunAsync = (_, call, _) => Task.FromResult(ContextFile.Read(call.Context).Then<Answer>(file =>
            Answer.Of(ContextSummary.Of(file.Current, file), ContextAnswers.Default.ContextSummary, screen => screen.Say(file.Current)))),
    };

    private static Verb<ContextPayload> RemoveVerb => new()
    {
        Noun = "context",
        Name = "remove",
        Purpose = "Forget a context, and the token that was kept for it",
        Remark = "When it is in use, `local` is from then on. A token file of your own stays where it is.",
        Examples = ["context remove prod"],
        Payload = ContextAnswers.Default.ContextPayload,
        Fields = [Name],
        RunAsync = (payload, call, _) => payload.Name == ContextFile.Local
            ? Task.FromResult<Outcome<Answer>>(new Refusal.InvalidArgument("`local` stands for files on this machine and cannot be removed"))
            : Changed(call, payload, (file, name) => file.Without(name, call.Context), (name, file) => Shown($"Context {name} is forgotten; {Where(file.Current, file)} is in use.", ContextSummary.Of(name, file))),
    };

    private static Task<Outcome<Answer>> Changed(VerbCall call, ContextPayload payload, Func<ContextFile, string, Outcome<ContextFile>> change, Func<string, ContextFile, Answer> shown) =>
        Task.FromResult(ContextFile.Read(call.Context).Then(file => Known(payload.Name, file).Then(name => change(file, name).Then(changed =>
            changed.Write(call.Context) is { } unwritten ? unwritten : (Outcome<Answer>)shown(name, changed)))));

    private static Outcome<string> Known(string? name, ContextFile file) => name is null
        ? new Refusal.InvalidArgument("no context is named") { Next = "gtc context list" }
        : name == ContextFile.Local || file.Contexts.ContainsKey(name) ? name : ContextFile.Unknown(name, file.Contexts.Keys);

    private static string Where(string name, ContextFile file) => file.Contexts.TryGetValue(name, out var found) ? $"{name}, {found.StoreUrl}" : "files on this machine";
}
