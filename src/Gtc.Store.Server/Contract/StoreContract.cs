using System.Collections.Immutable;

namespace Gtc.Store.Server;

/// <summary>The contract: every route of the server. Dispatcher, authorization, the OpenAPI document and the tests are made from this table.</summary>
internal static class StoreContract
{
    /// <summary>The routes.</summary>
    public static ImmutableArray<StoreRoute> Routes { get; } =
    [
        .. ReadRoutes.All,
        .. FileRoutes.All,
        .. EnvironmentRoutes.All,
        .. OutsideRoutes.All,
        .. BindingRoutes.All,
        .. BundleRoutes.All,
        .. RevisionRoutes.All,
        .. TrafficRoutes.All,
        .. PreviewRoutes.All,
        .. DeployRoutes.All,
        .. MessagingRoutes.All,
        .. TrustRootRoutes.All,
        .. UpdateChannelRoutes.All,
        .. RevocationRoutes.All,
        .. BackupRoutes.All,
        .. ArtifactRoutes.All,
        .. AttemptRoutes.All,
        .. AnswersRoutes.All,
        .. SecretRoutes.All,
        .. CredentialsRoutes.All,
        .. UpkeepRoutes.All,
    ];

    /// <summary>Whether a text names a verb that changes something, as <c>noun.verb</c> or <c>noun.*</c>.</summary>
    public static bool IsVerb(string text) => Routes.Where(route => route is ChangeRoute or ReadRoute { NeedsRight: true }).Any(route => text == $"{route.Noun}.{route.Verb}" || text == $"{route.Noun}.*");
}
