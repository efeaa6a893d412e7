using System.Collections.Immutable;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Op.EnvPacks;

/// <summary><c>gtc op env-packs list</c> and <c>describe</c>.</summary>
internal static class PackReads
{
    private const string BuiltIn = "builtin";

    public static Verb<EnvironmentPayload> List => new()
    {
        Noun = EnvPacksNoun.Name,
        Name = "list",
        Purpose = "List what an environment binds",
        Examples = ["op env-packs list", "op env-packs list staging --format json"],
        Payload = PacksJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        RunAsync = ListAsync,
    };

    public static Verb<DescribePayload> Describe => new()
    {
        Noun = EnvPacksNoun.Name,
        Name = "describe",
        Purpose = "Show the env-packs that could be bound, or one of them",
        Remark = "Env-packs of other people are described when they are installed and the environment trusts who signed them.",
        Examples = ["op env-packs describe", "op env-packs describe greentic.deployer.k8s"],
        Payload = PacksJson.Default.DescribePayload,
        Fields =
        [
            new("kind", "the env-pack, path or path@version; all of them when not given", "--kind", "KIND", "KIND"),
            PayloadField.Environment with { Position = null },
        ],
        RunAsync = DescribeAsync,
    };

    private static async Task<Outcome<Answer>> ListAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal))
        {
            return refusal;
        }

        var list = new PackList(at.Environment.ToString(), [.. document.Packs.Select(binding => PackSummary.Of(at.Environment, binding))]);
        return Answer.Of(list, PacksJson.Default.PackList, screen => screen.Table(
            new(
                [new("slot"), new("kind"), new("generation"), new("answers", 1), new("from", 2)],
                [.. list.Bindings.Select(binding => (ImmutableArray<string>)[binding.Slot, binding.Kind, $"{binding.Generation}", binding.AnswersRef ?? "", binding.PackRef])]),
            $"Environment {at.Environment} binds no env-pack."));
    }

    private static async Task<Outcome<Answer>> DescribeAsync(DescribePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal) || !(await OpPacks.CatalogAsync(at, call, cancellationToken)).TryGet(out var catalog, out refusal))
        {
            return refusal;
        }

        var kinds = new List<PackDescription>();
        foreach (var wanted in payload.Kind is { } kind ? [kind] : catalog.Registry.Handlers.Select(handler => handler.DescriptorPath).Concat(catalog.Installed.List().Select(installed => installed.ToString())))
        {
            if ((await OpPacks.FindAsync(wanted, catalog, cancellationToken)).TryGet(out var found, out refusal))
            {
                kinds.Add(Of(found.Kind, found.Handler));
            }
            else if (payload.Kind is null)
            {
                call.Warn(refusal.Message);
            }
            else
            {
                return refusal;
            }
        }

        return Answer.Of(new PackDescriptions(kinds), PacksJson.Default.PackDescriptions, screen => Show(kinds, screen));
    }

    private static PackDescription Of(PackDescriptor kind, IEnvPackHandler handler) => new()
    {
        Kind = kind.ToString(),
        Slot = PackVerbs.Text(handler.Slot),
        Supported = handler.SupportedVersions.ToString(),
        Source = handler is ExternalPack external ? external.Folder : BuiltIn,
        Description = handler is ExternalPack described ? described.Manifest.Description : handler.Questions?.Title,
        Questions = [.. handler.Questions?.Questions.Select(question => question.Id) ?? []],
        Capabilities = [.. handler.Credentials?.Capabilities.Select(capability => capability.Id) ?? []],
    };

    private static void Show(List<PackDescription> kinds, Screen screen)
    {
        if (kinds is [var only])
        {
            screen.Say($"{only.Kind} · slot {only.Slot}");
            screen.Facts(
                ("what", only.Description),
                ("versions", only.Supported),
                ("from", only.Source),
                ("questions", only.Questions.IsEmpty ? "none" : string.Join(", ", only.Questions)),
                ("needs", only.Capabilities.IsEmpty ? null : $"{only.Capabilities.Length} capabilities of its platform"));
            return;
        }

        screen.Table(
            new(
                [new("kind"), new("slot"), new("versions"), new("questions", 2), new("from", 1)],
                [.. kinds.Select(kind => (ImmutableArray<string>)[kind.Kind, kind.Slot, kind.Supported, $"{kind.Questions.Length}", kind.Source])]),
            "There are no env-packs.");
    }
}
