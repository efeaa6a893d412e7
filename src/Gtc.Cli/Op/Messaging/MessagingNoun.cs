using System.Collections.Immutable;
using System.CommandLine;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Messaging;

/// <summary><c>gtc op messaging</c>: the chat providers that an environment talks to.</summary>
internal static class MessagingNoun
{
    /// <summary>The noun's label in envelopes and in the audit log.</summary>
    public const string Label = "messaging.endpoint";

    /// <summary>What it is.</summary>
    public const string Purpose = "Messaging endpoints: instances of chat providers, and the bundles that use them";

    private const int MaxListed = 10;

    /// <summary>The endpoint of a verb that changes one.</summary>
    public static PayloadField EndpointField { get; } = new("endpoint_id", "the endpoint, or a prefix of its id", "--endpoint-id", "ID");

    /// <summary>Who changes it.</summary>
    public static PayloadField UpdatedBy { get; } = new("updated_by", $"who changes it; `{DefaultAuthor}` when not given", "--updated-by", "NAME");

    /// <summary>Who changes an endpoint when nobody is named.</summary>
    public const string DefaultAuthor = "operator";

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create("messaging", Purpose, context,
    [
        new("endpoint", Purpose, inner => NounCommand.Create("endpoint", Purpose, inner,
        [
            new("add", () => EndpointAdd.Verb.Purpose, leaf => EndpointAdd.Verb.Create(leaf, flags)),
            new("list", EndpointReads.List.Purpose, leaf => EndpointReads.List.Create(leaf, flags)),
            new("show", EndpointReads.Show.Purpose, leaf => EndpointReads.Show.Create(leaf, flags)),
            new("link-bundle", EndpointLinks.Link.Purpose, leaf => EndpointLinks.Link.Create(leaf, flags)),
            new("unlink-bundle", EndpointLinks.Unlink.Purpose, leaf => EndpointLinks.Unlink.Create(leaf, flags)),
            new("set-welcome-flow", EndpointLinks.Welcome.Purpose, leaf => EndpointLinks.Welcome.Create(leaf, flags)),
            new("remove", () => EndpointRemove.Verb.Purpose, leaf => EndpointRemove.Verb.Create(leaf, flags)),
            new("rotate-webhook-secret", () => EndpointRotate.Verb.Purpose, leaf => EndpointRotate.Verb.Create(leaf, flags)),
        ])),
    ]);

    /// <summary>The endpoint that a person means: its id, a prefix of it that is unique, or the only one when none is named.</summary>
    public static Outcome<MessagingEndpoint> Find(EnvironmentDocument document, string? given)
    {
        var matches = document.MessagingEndpoints
            .Where(endpoint => given is null || (given.Length > 0 && endpoint.EndpointId.ToString().StartsWith(given, StringComparison.OrdinalIgnoreCase)))
            .ToList();
        return matches switch
        {
            [var only] => only,
            [] => new Refusal.Missing(given is null
                ? $"environment `{document.EnvironmentId}` has no messaging endpoint"
                : $"messaging endpoint `{given}` is not in environment `{document.EnvironmentId}`") { Details = Listed(document.MessagingEndpoints) },
            _ => new Refusal.InvalidArgument($"environment `{document.EnvironmentId}` has {matches.Count} messaging endpoints{(given is null ? "; name one with endpoint_id=" : $" that begin with `{given}`")}")
            {
                Details = Listed(matches),
            },
        };
    }

    private static ImmutableArray<RefusalDetail> Listed(IEnumerable<MessagingEndpoint> endpoints) =>
        [.. endpoints.TakeLast(MaxListed).Select(endpoint => new RefusalDetail(endpoint.EndpointId.ToString(), $"{endpoint.ProviderType} {endpoint.ProviderId}"))];
}
