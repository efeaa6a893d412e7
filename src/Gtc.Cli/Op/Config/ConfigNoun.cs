using System.CommandLine;
using System.Text.Json;
using Gtc.Cli.Op.Environments;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Config;

/// <summary><c>gtc op config</c>: host values and the answers of env-packs (op-cli.md §15).</summary>
internal static class ConfigNoun
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Host values, and which questions of env-packs are answered";

    private const string SetExample = "op config set staging --listen-addr 127.0.0.1:8081";

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create("config", Purpose, context,
    [
        new("show", () => ConfigShow.Verb.Purpose, inner => ConfigShow.Verb.Create(inner, flags)),
        new("set", () => SetVerb.Purpose, inner => SetVerb.Create(inner, flags)),
    ]);

    private static Verb<SetConfigPayload> SetVerb => new()
    {
        Noun = "config",
        Name = "set",
        Purpose = "Change an environment's name and host values",
        Remark = "What is not given stays. An empty text takes a value away; gui_enabled has no such form.",
        Examples = [SetExample, "op config set --gui-enabled", "op config set gui_enabled=false region="],
        Payload = OpJson.Default.SetConfigPayload,
        Fields =
        [
            PayloadField.Environment,
            new("name", "the new name for people", "--name", "NAME"),
            new("region", "the region label", "--region", "REGION"),
            new("tenant_org_id", "the owning tenant", "--tenant-org", "TENANT"),
            new("listen_addr", "where a worker listens", "--listen-addr", "IP:PORT"),
            new("public_base_url", "the origin that the world reaches it by", "--public-url", "URL"),
            new("gui_enabled", "whether the web console is on", "--gui-enabled"),
        ],
        RunAsync = SetAsync,
    };

    private static async Task<Outcome<Answer>> SetAsync(SetConfigPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var change = HostChange.Of(payload.Name, payload.GuiEnabled,
            ("region", payload.Region), ("tenant_org_id", payload.TenantOrgId), ("listen_addr", payload.ListenAddr), ("public_base_url", payload.PublicBaseUrl));
        var intent = new MutationIntent(at.Environment, "config", "set", []);
        return (await change.ApplyAsync(at, intent, SetExample, cancellationToken)).Then(document => (Outcome<Answer>)Answer.Of(
            new ConfigSet(document.EnvironmentId.ToString(), EnvironmentUpdate.HostElement(document), document.Name),
            OpJson.Default.ConfigSet,
            screen => EnvironmentPage.Show(document, screen)));
    }
}

/// <summary>What <c>config set</c> takes.</summary>
internal sealed record SetConfigPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The new name.</summary>
    public string? Name { get; init; }

    /// <summary>The region; empty takes it away.</summary>
    public string? Region { get; init; }

    /// <summary>The owning tenant; empty takes it away.</summary>
    public string? TenantOrgId { get; init; }

    /// <summary>An <c>ip:port</c>; empty takes it away.</summary>
    public string? ListenAddr { get; init; }

    /// <summary>The origin; empty takes it away.</summary>
    public string? PublicBaseUrl { get; init; }

    /// <summary>Whether the web console is on.</summary>
    public bool? GuiEnabled { get; init; }
}

/// <summary>What <c>config set</c> answers.</summary>
internal sealed record ConfigSet(string EnvironmentId, JsonElement HostConfig, string Name);
