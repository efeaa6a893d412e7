using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Op.TrustRoots;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env init</c>: the environment of this machine with its default env-packs, made or healed (op-cli.md §5.1).</summary>
internal static class EnvironmentInit
{
    /// <summary>One line.</summary>
    public const string Purpose = "Create or heal the environment of this machine, with the default env-packs";

    private const string ListenAddrKey = "listen_addr";

    /// <summary>The verb.</summary>
    public static Verb<InitPayload> Verb => new()
    {
        Noun = "env",
        Name = "init",
        Purpose = Purpose,
        Examples = ["op env init", "op env init --public-url https://chat.example.com"],
        Payload = OpJson.Default.InitPayload,
        Fields = [new("public_base_url", "the origin that the world reaches it by; only when it is created", "--public-url", "URL")],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(InitPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.OpenLocal(call, EnvId.Local.ToString()).TryGet(out var at, out var refusal)
            || !OpKeys.Roots(call, at.Store).TryGet(out var roots, out refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, "env", "init", ("environment_id", at.Environment.ToString()));
        var done = await at.Store.MutateAsync(
            intent,
            change => HostValues.PublicUrl(payload.PublicBaseUrl).Then(url => Heal(change, roots, url)),
            cancellationToken);
        return done.Then(result => (Outcome<Answer>)Answer.Of(result, OpJson.Default.InitResult, screen => Show(result, screen)));
    }

    /// <summary>Makes the environment, or binds what it lacks; also the first step of an apply.</summary>
    public static Outcome<Mutation<InitResult>> Heal(MutationContext change, LocalTrustRoots roots, string? url)
    {
        if (change.Current is not null && url is not null && change.Current.HostConfig.PublicBaseUrl != url)
        {
            return new Refusal.InvalidArgument($"environment `{EnvId.Local}` exists already; a public url is only taken when it is created")
            {
                Details = [new("expected", change.Current.HostConfig.PublicBaseUrl ?? "none"), new("found", url)],
            };
        }

        var (document, added) = change.Current is { } current ? EnvironmentVerbs.AddMissingDefaults(current) : (EnvironmentVerbs.CreateLocal(url), []);
        if (!roots.SeedIfAbsent(change).TryGet(out var seed, out var refusal))
        {
            return refusal;
        }

        if (WriteRuntimeStub(change, document) is { } unwritten)
        {
            return unwritten;
        }

        var result = new InitResult
        {
            EnvironmentId = document.EnvironmentId.ToString(),
            BoundSlots = [.. document.Packs.Select(binding => binding.Slot)],
            PackCount = document.Packs.Length,
            PublicBaseUrl = document.HostConfig.PublicBaseUrl,
            TrustRoot = seed is null ? null : TrustRootBootstrapped.Of(document.EnvironmentId, seed),
            Outcome = change.Current is null ? "created" : added.IsEmpty ? "untouched" : "healed",
            AddedSlots = change.Current is null || added.IsEmpty ? null : added,
        };
        return new Mutation<InitResult>(result) { Document = result.Outcome == "untouched" ? null : document };
    }

    /// <summary>Tells where the local-process deployer listens; a file that another deployer wrote is left alone.</summary>
    private static Refusal? WriteRuntimeStub(MutationContext change, EnvironmentDocument document)
    {
        var deployer = document.Packs.FirstOrDefault(binding => binding.Slot == CapabilitySlot.Deployer)?.Kind;
        if (deployer?.ToString() != EnvironmentVerbs.LocalProcessDeployer)
        {
            return null;
        }

        if (!change.Files.Read(EnvironmentLayout.RuntimeName, Documents.MaxBytes).TryGet(out var bytes, out var refusal))
        {
            return refusal;
        }

        EnvironmentRuntime? before = null;
        if (bytes is not null && !Documents.EnvironmentRuntime.Parse(bytes).TryGet(out before, out refusal))
        {
            return refusal;
        }

        var listen = JsonSerializer.SerializeToElement(document.HostConfig.ListenAddr ?? HostConfig.DefaultListenAddr, OpJson.Default.String);
        var isOurs = before is null || before.GeneratedBy == deployer;
        if (!isOurs || (before is not null && before.Discovered.TryGetValue(ListenAddrKey, out var known) && JsonElement.DeepEquals(known, listen)))
        {
            return null;
        }

        var stub = before ?? new EnvironmentRuntime
        {
            Schema = Schemas.EnvironmentRuntime,
            EnvironmentId = document.EnvironmentId,
            GeneratedAt = change.Now,
            GeneratedBy = deployer.Value,
            Generation = 0,
        };
        return change.Files.Replace(EnvironmentLayout.RuntimeName, Documents.EnvironmentRuntime.ToFile(stub with
        {
            Discovered = stub.Discovered.SetItem(ListenAddrKey, listen),
            GeneratedAt = change.Now,
            Generation = before is null ? 0 : before.Generation + 1,
        }));
    }

    private static void Show(InitResult result, Screen screen)
    {
        screen.Say(result.Outcome switch
        {
            "created" => $"Environment {result.EnvironmentId} created.",
            "healed" => $"Environment {result.EnvironmentId} healed.",
            _ => $"Environment {result.EnvironmentId} is as it should be; nothing changed.",
        });
        screen.Facts(
            ("env-packs", string.Join(", ", result.BoundSlots.Select(slot => slot.ToString().ToLowerInvariant()))),
            ("added", result.AddedSlots is null ? null : string.Join(", ", result.AddedSlots.Select(slot => slot.ToString().ToLowerInvariant()))),
            ("public url", result.PublicBaseUrl),
            ("trusts", result.TrustRoot is null ? null : $"operator key {result.TrustRoot.OperatorKeyId}"));
    }
}
