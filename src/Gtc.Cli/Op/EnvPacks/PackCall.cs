using System.Text.Json.Nodes;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Op.EnvPacks;

/// <summary><c>gtc op env-packs call</c>: asks an installed env-pack one thing, for whoever writes one.</summary>
internal static class PackCall
{
    /// <summary>The verb.</summary>
    public static Verb<CallPayload> Verb => new()
    {
        Noun = EnvPacksNoun.Name,
        Name = "call",
        Purpose = "Ask an installed env-pack of other people one thing and print what it answers",
        Remark = "It gets the environment as its document stands, and the answers of its binding when it is bound. Methods that change a platform cannot be called like this.",
        Examples = ["op env-packs call acme.telemetry.sink@1.0.0 requirements", "op env-packs call acme.telemetry.sink render --env staging"],
        Payload = PacksJson.Default.CallPayload,
        Fields =
        [
            new("kind", "the env-pack, path or path@version", "--kind", "KIND", "KIND"),
            new("method", string.Join(", ", Callable.Select(method => method.Name)), "--method", "METHOD", "METHOD"),
            PayloadField.Environment with { Position = null },
        ],
        RunAsync = RunAsync,
    };

    private static IEnumerable<PackMethod> Callable => PackMethod.All.Where(method => !method.ChangesPlatform && method != PackMethod.Hello);

    private static async Task<Outcome<Answer>> RunAsync(CallPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal)
            || !(await OpPacks.CatalogAsync(at, call, cancellationToken)).TryGet(out var catalog, out refusal)
            || !(await OpPacks.FindAsync(payload.Kind, catalog, cancellationToken)).TryGet(out var found, out refusal)
            || !(await at.FilesAsync(document, [], cancellationToken)).TryGet(out var files, out refusal))
        {
            return refusal;
        }

        if (Callable.FirstOrDefault(candidate => candidate.Name == payload.Method) is not { } method)
        {
            return new Refusal.InvalidArgument($"`{payload.Method}` is no method that can be called") { Details = [new("expected", string.Join(", ", Callable.Select(candidate => candidate.Name)))] };
        }

        if (found.Handler is not ExternalPack pack)
        {
            return new Refusal.Conflict($"`{found.Kind}` is built in; only installed env-packs are called");
        }

        var bound = document.Packs.FirstOrDefault(binding => binding.Kind.Path == found.Kind.Path);
        if (!BoundAnswers.Load(files.Layout.Folder, bound?.Kind.Path ?? "", bound?.AnswersRef, pack).TryGet(out var answers, out refusal))
        {
            return refusal;
        }

        var parameters = ExternalPack.Parameters(at.Environment, answers);
        parameters["environment"] = JsonNode.Parse(Documents.Environment.ToLine(document));
        var reply = await pack.CallAsync(method, parameters, step => call.Context.Stderr.WriteLine($"progress: {step.GetRawText()}"), cancellationToken);
        return reply.Then<Answer>(answer => Answer.Of(new PackCalled(found.Kind.ToString(), method.Name, answer.Result, answer.Log), PacksJson.Default.PackCalled, screen =>
        {
            screen.Json(JsonNode.Parse(answer.Result.GetRawText()) ?? new JsonObject());
            screen.Facts(("its log", answer.Log.Length == 0 ? null : answer.Log.TrimEnd()));
        }));
    }
}
