namespace Gtc.Model;

/// <summary>Looks entities up; what is absent is a refusal that names it.</summary>
internal static class Find
{
    public static Outcome<BundleDeployment> Deployment(EnvironmentDocument document, DeploymentId id) =>
        document.Bundles.FirstOrDefault(d => d.DeploymentId == id) is { } found
            ? found
            : new Refusal.Missing($"deployment {id} is not in environment `{document.EnvironmentId}`");

    public static Outcome<Revision> Revision(EnvironmentDocument document, RevisionId id) =>
        document.Revisions.FirstOrDefault(r => r.RevisionId == id) is { } found
            ? found
            : new Refusal.Missing($"revision {id} is not in environment `{document.EnvironmentId}`");

    public static Outcome<MessagingEndpoint> Endpoint(EnvironmentDocument document, MessagingEndpointId id) =>
        document.MessagingEndpoints.FirstOrDefault(e => e.EndpointId == id) is { } found
            ? found
            : new Refusal.Missing($"messaging endpoint {id} is not in environment `{document.EnvironmentId}`");

    public static TrafficSplit? Split(EnvironmentDocument document, DeploymentId id) =>
        document.TrafficSplits.FirstOrDefault(s => s.DeploymentId == id);

    /// <summary>The result, when the document that it carries keeps every rule; no verb may leave behind what nobody could load.</summary>
    public static Outcome<T> Sound<T>(EnvironmentDocument document, T result) =>
        EnvironmentRules.Validate(document) is { } broken ? broken : result;
}
