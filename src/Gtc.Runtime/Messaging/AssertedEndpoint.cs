using Gtc.Model;

namespace Gtc.Runtime;

/// <summary>The messaging endpoint that a caller on this machine says its message came through (worker-runtime.md §5.2).</summary>
internal static class AssertedEndpoint
{
    /// <summary>The field that says so: an endpoint's id, or the id of its provider.</summary>
    public const string Field = "x-greentic-messaging-endpoint-id";

    private static readonly NoSeat Unknown = new(401, "messaging endpoint not recognized in this environment");
    private static readonly NoSeat NotLinked = new(403, "this messaging endpoint is not authorized to route to the resolved bundle");
    private static readonly NoSeat Ambiguous = new(422, $"messaging endpoint resolution is ambiguous; assert the endpoint via {Field}");

    /// <summary>Finds the endpoint, which must be linked to the bundle that answers.</summary>
    /// <returns>One of the two, or neither when nothing was said.</returns>
    public static (MessagingEndpoint? Endpoint, NoSeat? Why) Find(EnvironmentDocument document, string? said, string bundleId)
    {
        if (said is null)
        {
            return (null, null);
        }

        MessagingEndpoint[] found = [.. document.MessagingEndpoints.Where(endpoint => endpoint.EndpointId.ToString().Equals(said, StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 0)
        {
            found = [.. document.MessagingEndpoints.Where(endpoint => endpoint.ProviderId == said)];
        }

        return found switch
        {
            [] => (null, Unknown),
            [var only] => only.LinkedBundles.Contains(bundleId) ? (only, null) : (null, NotLinked),
            _ => (null, Ambiguous),
        };
    }
}
