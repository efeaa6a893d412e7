using System.Globalization;

namespace Gtc.EnvPacks;

/// <summary>What the fleet deployer can be told.</summary>
internal static class FleetQuestions
{
    private const string Id = "greentic.deployer.fleet.wizard";
    private const string Label = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
    private const string List = "comma separated";
    private const int MaxSelector = 4096;

    public static QuestionForm Form { get; } = new()
    {
        Id = Id,
        Title = "Workers on the devices of a fleet",
        Presentation = new("Revisions run as containers on devices; a split gives every device one revision."),
        Questions =
        [
            new()
            {
                Id = "device_selector",
                Title = "Devices of the environment",
                Description = "As for kubectl -l, e.g. site=berlin,tier in (edge,store),!retired; device-id means every device.",
                Required = true,
                Constraint = new() { MinLen = 1, MaxLen = MaxSelector },
            },
            new() { Id = "kubeconfig_context", Title = "Context of the kubeconfig", Description = "The current context when not answered." },
            new() { Id = "namespace", Title = "Namespace", Description = "Derived from the environment when not answered.", Constraint = new() { Pattern = $"^{Label}$", MaxLen = 63 } },
            new() { Id = "runtime_image", Title = "Image that devices run", Description = "With its registry.", Constraint = new() { Pattern = @"^[a-z0-9.\-_/:@]+$" } },
            new() { Id = "port", Title = "Port on devices", DefaultValue = "8080", Constraint = new() { Pattern = "^[0-9]{1,5}$" }, AlsoNumber = true },
            new() { Id = "ports", Title = "Ports of deployments", Description = $"BUNDLE:PORT or DEPLOYMENT:PORT, {List}; where an environment has several deployments each needs its own.", AlsoList = true },
            new() { Id = "oci_insecure_registries", Title = "Registries without TLS", Description = $"host:port, {List}.", AlsoList = true },
            new() { Id = "image_pull_policy", Type = QuestionType.Choice, Title = "When devices fetch the image", Choices = ["IfNotPresent", "Always", "Never"], Advanced = true },
            new() { Id = "memory", Title = "The most memory of a worker", Description = "E.g. 256Mi.", Constraint = new() { Pattern = "^[0-9]+(Ki|Mi|Gi|Ti|k|M|G|T)?$", MaxLen = 16 }, Advanced = true },
            new() { Id = "cpus", Title = "The most processors of a worker", Description = "E.g. 0.5.", Constraint = new() { Pattern = @"^[0-9]{1,3}(\.[0-9]{1,3})?$" }, AlsoNumber = true, Advanced = true },
            new()
            {
                Id = "batch_size",
                Title = "Devices that get a changed worker at a time",
                Description = "A number or a percentage, e.g. 5 or 10%; all at once when not answered.",
                Constraint = new() { Pattern = "^[1-9][0-9]{0,8}$|^([1-9][0-9]?|100)%$" },
                AlsoNumber = true,
                Advanced = true,
            },
            new()
            {
                Id = "max_unavailable",
                Title = "Devices that may be down for a changed worker",
                Description = "A number or a percentage; 25% when not answered.",
                Constraint = new() { Pattern = "^[0-9]{1,9}$|^([0-9]|[1-9][0-9]|100)%$" },
                AlsoNumber = true,
                Advanced = true,
            },
            new()
            {
                Id = "unreachable_devices",
                Type = QuestionType.Choice,
                Title = "Devices that cannot be reached",
                Description = "Whether waiting for a revision waits for them too.",
                Choices = ["wait", "skip"],
                DefaultValue = "wait",
                Advanced = true,
            },
            ComponentEgress.Question,
        ],
    };

    public static string? FindFault(PackAnswers answers) =>
        (IsPort(answers.Get("port")) ? null : $"`port` is `{answers.Get("port")}`, a port from 1 to 65535 was expected")
        ?? (answers.Get("ports") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(FindPortFault).FirstOrDefault(fault => fault is not null)
        ?? FindDoubled(answers.Get("ports"))
        ?? ComponentEgress.FindFault(answers)
        ?? (answers.Get("max_unavailable") is not null && answers.Get("batch_size") is null ? "`max_unavailable` is answered and `batch_size` is not" : null);

    private static string? FindPortFault(string entry) => entry.LastIndexOf(':') is var colon and > 0 && IsPort(entry[(colon + 1)..])
        ? null
        : $"`ports` has `{(entry.Length <= 64 ? entry : $"{entry[..64]}…")}`, BUNDLE:PORT was expected, e.g. shop:8080";

    private static string? FindDoubled(string? ports) =>
        (ports ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).GroupBy(entry => entry[..entry.LastIndexOf(':')], StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? $"`ports` has `{twice.Key}` twice"
            : null;

    private static bool IsPort(string? text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0;
}
