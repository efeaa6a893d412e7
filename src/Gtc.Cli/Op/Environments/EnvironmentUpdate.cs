using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>op env update</c> and <c>op env set-public-url</c>: an environment's name and where it is (op-cli.md §5.2).</summary>
internal static class EnvironmentUpdate
{
    private const string UpdateExample = "op env update staging --region eu-west";

    /// <summary><c>env update</c>.</summary>
    public static Verb<UpdatePayload> Update => new()
    {
        Noun = "env",
        Name = "update",
        Purpose = "Change an environment's name, region or owning tenant",
        Remark = "What is not given stays. An empty text takes a region or a tenant away.",
        Examples = ["op env update --name Staging", UpdateExample, "op env update staging region="],
        Payload = OpJson.Default.UpdatePayload,
        Fields =
        [
            PayloadField.Environment,
            new("name", "the new name for people", "--name", "NAME"),
            new("region", "the region label", "--region", "REGION"),
            new("tenant_org_id", "the owning tenant", "--tenant-org", "TENANT"),
        ],
        RunAsync = UpdateAsync,
    };

    /// <summary><c>env set-public-url</c>.</summary>
    public static Verb<PublicUrlPayload> SetPublicUrl => new()
    {
        Noun = "env",
        Name = "set-public-url",
        Purpose = "Say by which origin the world reaches an environment",
        Examples = ["op env set-public-url local https://chat.example.com"],
        Payload = OpJson.Default.PublicUrlPayload,
        Fields = [PayloadField.Environment, new("public_base_url", "http or https, a host, no path", "--public-url", "URL", "URL")],
        RunAsync = SetPublicUrlAsync,
    };

    private static async Task<Outcome<Answer>> UpdateAsync(UpdatePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, "env", "update", ("environment_id", at.Environment.ToString()));
        var change = HostChange.Of(payload.Name, null, ("region", payload.Region), ("tenant_org_id", payload.TenantOrgId));
        return (await change.ApplyAsync(at, intent, UpdateExample, cancellationToken)).Then(document =>
            (Outcome<Answer>)Answer.Of(EnvironmentSummary.Of(document), OpJson.Default.EnvironmentSummary, screen => EnvironmentPage.Show(document, screen)));
    }

    private static async Task<Outcome<Answer>> SetPublicUrlAsync(PublicUrlPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, "env", "set-public-url", ("environment_id", at.Environment.ToString()));
        if (payload.PublicBaseUrl.Length == 0)
        {
            return await at.RefuseAsync(intent, new Refusal.InvalidArgument("public_base_url must not be empty") { Next = $"gtc op config set {at.Environment} public_base_url=" }, cancellationToken);
        }

        var change = HostChange.Of(null, null, ("public_base_url", payload.PublicBaseUrl));
        return (await change.ApplyAsync(at, intent, "op env set-public-url local https://chat.example.com", cancellationToken)).Then(document => (Outcome<Answer>)Answer.Of(
            new PublicUrlSet(document.EnvironmentId.ToString(), HostElement(document)),
            OpJson.Default.PublicUrlSet,
            screen => screen.Say($"Environment {document.EnvironmentId} is reached by {document.HostConfig.PublicBaseUrl}.")));
    }

    /// <summary>The host values as the document has them.</summary>
    public static JsonElement HostElement(EnvironmentDocument document) => Documents.Environment.ToElement(document).GetProperty("host_config");
}

/// <summary>What <c>env update</c> takes.</summary>
internal sealed record UpdatePayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The new name.</summary>
    public string? Name { get; init; }

    /// <summary>The region; empty takes it away.</summary>
    public string? Region { get; init; }

    /// <summary>The owning tenant; empty takes it away.</summary>
    public string? TenantOrgId { get; init; }
}

/// <summary>What <c>env set-public-url</c> takes.</summary>
internal sealed record PublicUrlPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The origin.</summary>
    public required string PublicBaseUrl { get; init; }
}

/// <summary>What <c>env set-public-url</c> answers.</summary>
internal sealed record PublicUrlSet(string EnvironmentId, JsonElement HostConfig);
