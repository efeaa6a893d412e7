using System.Globalization;
using System.Net;

namespace Gtc.EnvPacks;

/// <summary>
/// What the Kubernetes deployer can be told (k8s-deployer.md §2, §16). The first questions are asked; the others add to what is rendered, change nothing
/// until they are answered, and are for those who look for them.
/// </summary>
internal static class K8sQuestions
{
    private const string Id = "greentic.deployer.k8s.wizard";
    private const string Label = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";

    /// <summary>The name of an object: labels with dots between them.</summary>
    public const string HostName = $@"{Label}(\.{Label})*";

    private const string List = "comma separated";
    private const int MinRouters = 2;
    private const int MaxReplicas = 1000;
    private const int MaxName = 253;

    public static QuestionForm Form { get; } = new()
    {
        Id = Id,
        Title = "Workers in a Kubernetes cluster",
        Presentation = new("Revisions run as deployments behind a router."),
        Questions =
        [
            new() { Id = "kubeconfig_context", Title = "Context of the kubeconfig", Description = "The current context when not answered." },
            new() { Id = "namespace", Title = "Namespace", Description = "Derived from the environment when not answered.", Constraint = new() { Pattern = $"^{Label}$", MaxLen = 63 } },
            new() { Id = "runtime_image", Title = "Image of router and workers", Constraint = new() { Pattern = @"^[a-z0-9.\-_/:@]+$" } },
            Count("router_replicas", "Replicas of the router", "At least 2.") with { DefaultValue = "2", Advanced = false },
            new() { Id = "oci_insecure_registries", Title = "Registries without TLS", Description = $"host:port, {List}.", AlsoList = true },
            new() { Id = "tunnel", Type = QuestionType.Choice, Title = "Tunnel to the outside", DefaultValue = "off", Choices = ["off", "cloudflared"], AlsoChoice = "none" },
            Flag("require_image_digest", "Refuse an image without a digest"),
            Text("image_pull_secrets", "Secrets for pulling the image", $"^{HostName}(,{HostName})*$") with { Description = $"Names of Secrets in the namespace, {List}.", AlsoList = true },
            new() { Id = "image_pull_policy", Type = QuestionType.Choice, Title = "When the image is pulled", Choices = ["Always", "IfNotPresent", "Never"], Advanced = true },
            Flag("startup_and_liveness_probes", "Restart pods that do not answer"),
            Count("worker_replicas", "Replicas of each worker", "From 2 on they are spread over nodes and may not be disrupted all at once."),
            Count("router_max_replicas", "The most replicas of the router", "An autoscaler keeps between router_replicas and this many, by processor time."),
            Text("ingress_host", "Host of an Ingress", $"^{HostName}$") with { Description = "An Ingress leads it to the router." },
            Text("ingress_class", "Class of the Ingress", $"^{HostName}$"),
            Text("ingress_tls_secret", "Secret with the certificate of the Ingress", $"^{HostName}$"),
            Text("gateway", "Gateway of the Gateway API", $"^{Label}/{HostName}$") with { Description = "NAMESPACE/NAME; an HTTPRoute leads it to the router." },
            Text("gateway_host", "Host at the gateway", $"^{HostName}$") with { Description = "Every host when not answered." },
            new()
            {
                Id = "egress_allow",
                Title = "Where pods may go",
                Description = $"CIDR:PORT, {List}, e.g. 10.1.0.0/16:443; in place of everywhere when revisions are pulled.",
                AlsoList = true,
                Advanced = true,
            },
            ComponentEgress.Question,
            Flag("shared_signing_key", "Give all routers the environment's key of signed cookies and tokens"),
            Flag("console_through_routers", "Let routers serve /chat and /workers/invoke to whoever may forward a port to them"),
            .. K8sSecretAnswers.Questions,
        ],
    };

    public static string? FindFault(PackAnswers answers) =>
        Outside(answers, "router_replicas", MinRouters)
        ?? Outside(answers, "worker_replicas", 1)
        ?? Outside(answers, "router_max_replicas", MinRouters)
        ?? (Number(answers, "router_max_replicas") < Number(answers, "router_replicas") ? "`router_max_replicas` is less than `router_replicas`" : null)
        ?? (Number(answers, "worker_replicas") > 1 && answers.Get("tunnel") == "cloudflared" ? "`worker_replicas` must be 1 when `tunnel` is cloudflared: each pod would open one" : null)
        ?? Needs(answers, "ingress_class", "ingress_host")
        ?? Needs(answers, "ingress_tls_secret", "ingress_host")
        ?? Needs(answers, "gateway_host", "gateway")
        ?? (answers.Get("require_image_digest") == "true" && !HasDigest(answers.Get("runtime_image")) ? "`runtime_image` has no digest (`@sha256:…`), and `require_image_digest` asks for one" : null)
        ?? answers.Get("egress_allow")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(EgressFault).FirstOrDefault(fault => fault is not null)
        ?? ComponentEgress.FindFault(answers)
        ?? K8sSecretAnswers.FindFault(answers);

    private static bool HasDigest(string? image) => image?.Split("@sha256:") is [_, { Length: 64 } digest] && digest.All(char.IsAsciiHexDigitLower);

    private static string? EgressFault(string entry) =>
        entry.LastIndexOf(':') is var colon and > 0
        && ushort.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
        && IPNetwork.TryParse(entry.AsSpan(0, colon), out _)
            ? null
            : $"`egress_allow` has `{(entry.Length <= 64 ? entry : $"{entry[..64]}…")}`, CIDR:PORT was expected, e.g. 10.1.0.0/16:443";

    private static string? Outside(PackAnswers answers, string question, int least) =>
        answers.Get(question) is { } text && Number(answers, question) is not { } number ? $"`{question}` is `{text}`, {least} to {MaxReplicas} were expected"
        : Number(answers, question) is { } found && (found < least || found > MaxReplicas) ? $"`{question}` is `{found}`, {(found < least ? $"at least {least}" : $"at most {MaxReplicas}")} were expected"
        : null;

    private static int? Number(PackAnswers answers, string question) =>
        int.TryParse(answers.Get(question), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static string? Needs(PackAnswers answers, string question, string other) =>
        answers.Get(question) is not null && answers.Get(other) is null ? $"`{question}` is answered and `{other}` is not" : null;

    private static Question Text(string id, string title, string pattern) => new() { Id = id, Title = title, Constraint = new() { Pattern = pattern, MaxLen = MaxName }, Advanced = true };

    private static Question Flag(string id, string title) => new() { Id = id, Type = QuestionType.Flag, Title = title, DefaultValue = "false", Advanced = true };

    private static Question Count(string id, string title, string description) =>
        new() { Id = id, Title = title, Description = description, Constraint = new() { Pattern = "^[0-9]+$" }, AlsoNumber = true, Advanced = true };
}
