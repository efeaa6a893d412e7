using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Op.TrustRoots;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env init</c>: the environment of this machine with its default env-packs, made or healed (op-cli.md §5.1).</summary>
internal static class EnvironmentInit
{
    /// <summary>One line.</summary>
    public const string Purpose = "Create or heal the environment of this machine, with the default env-packs";

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
        if (!OpStore.Open(call, EnvId.Local.ToString()).TryGet(out var at, out var refusal)
            || !OpKeys.File(call).TryGet(out var keys, out refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, "env", "init", ("environment_id", at.Environment.ToString()));
        var done = await at.ChangeAsync(
            new OpChange<InitResult>(intent)
            {
                OnFiles = change => HostValues.PublicUrl(payload.PublicBaseUrl).Then(url => Heal(change, keys, url)),
                Ask = _ => HostValues.PublicUrl(payload.PublicBaseUrl).Then<WireRequest>(url => Asked(url)),
                FromWire = Answered,
            },
            cancellationToken);
        return done.Then(result => (Outcome<Answer>)Answer.Of(result, OpJson.Default.InitResult, screen => Show(result, screen)));
    }

    /// <summary>Makes the environment, or binds what it lacks; also the first step of an apply.</summary>
    public static Outcome<Mutation<InitResult>> Heal(MutationContext change, OperatorKeyFile keys, string? url)
    {
        if (!EnvironmentVerbs.Heal(change.Current, url).TryGet(out var healed, out var refusal)
            || !LocalTrustRoots.SeedIfAbsent(change, keys).TryGet(out var seed, out refusal)
            || !change.Files.Read(EnvironmentLayout.RuntimeName, Documents.MaxBytes).TryGet(out var bytes, out refusal))
        {
            return refusal;
        }

        EnvironmentRuntime? before = null;
        if (bytes is not null && !Documents.EnvironmentRuntime.Parse(bytes).TryGet(out before, out refusal))
        {
            return refusal;
        }

        if (RuntimeStub.Of(healed.Document, before, change.Now) is { } stub && change.Files.Replace(EnvironmentLayout.RuntimeName, Documents.EnvironmentRuntime.ToFile(stub)) is { } unwritten)
        {
            return unwritten;
        }

        var result = Result(healed, seed is null ? null : TrustRootBootstrapped.Of(healed.Document.EnvironmentId, seed));
        return new Mutation<InitResult>(result) { Document = healed.Outcome == "untouched" ? null : healed.Document };
    }

    /// <summary>The same, asked of a store server.</summary>
    public static WireRequest Asked(string? url) => WireRequest.With(HttpMethod.Post, ContractJson.Default.InitBody, new InitBody(url), "init");

    private static Outcome<InitResult> Answered(WireAnswer answer)
    {
        var added = answer.Result.GetProperty("added_slots").EnumerateArray()
            .Select(slot => Enum.TryParse<CapabilitySlot>(slot.GetString(), ignoreCase: true, out var parsed) ? parsed : throw new FormatException($"`{slot}` is no slot"));
        var seed = answer.Result.GetProperty("trust_root") is { ValueKind: JsonValueKind.Object } root
            ? new TrustRootBootstrapped(answer.Document.EnvironmentId.ToString(), root.GetProperty("key_id").GetString()!, root.GetProperty("public_key_pem").GetString()!, root.GetProperty("trusted_key_count").GetInt32())
            : null;
        return Result(new HealedEnvironment(answer.Document, answer.Result.GetProperty("outcome").GetString()!, [.. added]), seed);
    }

    private static InitResult Result(HealedEnvironment healed, TrustRootBootstrapped? seed) => new()
    {
        EnvironmentId = healed.Document.EnvironmentId.ToString(),
        BoundSlots = [.. healed.Document.Packs.Select(binding => binding.Slot)],
        PackCount = healed.Document.Packs.Length,
        PublicBaseUrl = healed.Document.HostConfig.PublicBaseUrl,
        TrustRoot = seed,
        Outcome = healed.Outcome,
        AddedSlots = healed.AddedSlots.IsEmpty ? null : healed.AddedSlots,
    };

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
