using System.Globalization;

namespace Gtc.Load.Fleet;

/// <summary>What <c>bench/run fleet</c> takes.</summary>
internal sealed record FleetOptions
{
    public const string Usage = """
        usage: bench/run fleet [--run S|M|B|R|D|soak|most|apply|floor] [flags]
          --devices N --deployments N --groups N   the fleet; deployment d selects group d mod groups
          --rate R                                 transitions per second and device
          --duration SECONDS --ramp SECONDS        under full load, and until it is reached
          --churn SHARE                            devices that change their group per minute, 0.01 for one in a hundred
          --connections N                          broker connections that the devices share (64)
          --real-connections                       one for each device
          --kill-operator-at SECONDS               kill -9, with changes that nobody reads for a second, and another start
          --restart-broker-at SECONDS
          --kube-budget N                          writes per second that the operator may ask of the API server (200)
          --nats URL --kubeconfig FILE             instead of servers of its own
          --gtc FILE                               the published executable (artifacts/gtc)
          --report text|json
        """;

    public string Run { get; init; } = "S";

    public int Devices { get; init; } = 100;

    public int Deployments { get; init; } = 10;

    public int Groups { get; init; } = 10;

    public double Rate { get; init; } = 1;

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan Ramp { get; init; } = TimeSpan.FromSeconds(5);

    public double Churn { get; init; }

    public int Connections { get; init; } = 64;

    public TimeSpan? KillOperatorAt { get; init; }

    public TimeSpan? RestartBrokerAt { get; init; }

    public int KubeBudget { get; init; } = 200;

    public string? Nats { get; init; }

    public string? Kubeconfig { get; init; }

    public string Gtc { get; init; } = "artifacts/gtc";

    public bool IsJson { get; init; }

    /// <summary>How many transitions per second the whole fleet makes.</summary>
    public double TotalRate => Devices * Rate;

    /// <summary>Reads the words.</summary>
    /// <returns>The options, or what is wrong with a word.</returns>
    public static (FleetOptions? Options, string? Error) Parse(IReadOnlyList<string> words)
    {
        var run = "S";
        for (var at = 0; at + 1 < words.Count; at++)
        {
            run = words[at] == "--run" ? words[at + 1] : run;
        }

        if (Preset(run) is not { } options)
        {
            return (null, $"--run takes S, M, B, R, D, soak, most, apply or floor, `{run}` was found");
        }

        for (var at = 0; at < words.Count; at++)
        {
            var word = words[at];
            if (word == "--real-connections")
            {
                options = options with { Connections = int.MaxValue };
                continue;
            }

            if (at + 1 == words.Count)
            {
                return (null, $"`{word}` is no flag, or lacks its value");
            }

            if (With(options, word, words[++at]) is not { } next)
            {
                return (null, $"`{word} {words[at]}` is no flag with a value that it takes");
            }

            options = next;
        }

        options = options with { Connections = Math.Min(options.Connections, options.Devices) };
        return options.Groups > options.Deployments ? (null, "--groups must not be more than --deployments") : (options, null);
    }

    private static FleetOptions? Preset(string run) => run switch
    {
        "S" => new() { Run = run },
        "M" => Medium(run),
        "R" => Medium(run) with { KillOperatorAt = TimeSpan.FromSeconds(60) },
        "B" => Medium(run) with { RestartBrokerAt = TimeSpan.FromSeconds(60) },
        "D" => new() { Run = run, Devices = 1000, Deployments = 100, Groups = 50, Churn = 0.5 },
        "soak" => new() { Run = run, Devices = 20_000, Deployments = 1000, Groups = 1000, Rate = 0.1, Duration = TimeSpan.FromMinutes(30) },
        "most" => new() { Run = run, Devices = 100_000, Deployments = 1000, Groups = 1000, Duration = TimeSpan.FromSeconds(60), KubeBudget = 400 },
        "floor" => Medium(run) with { Duration = TimeSpan.FromSeconds(20) },
        "apply" => new() { Run = run, Devices = 1000, Deployments = 1, Groups = 1, Rate = 0 },
        _ => null,
    };

    private static FleetOptions Medium(string run) => new() { Run = run, Devices = 10_000, Deployments = 1000, Groups = 1000, Duration = TimeSpan.FromSeconds(120) };

    private static FleetOptions? With(FleetOptions options, string flag, string value)
    {
        var isNumber = double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        var isCount = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0;
        return flag switch
        {
            "--run" => options,
            "--devices" when isCount => options with { Devices = count },
            "--deployments" when isCount => options with { Deployments = count },
            "--groups" when isCount => options with { Groups = count },
            "--connections" when isCount => options with { Connections = count },
            "--kube-budget" when isCount => options with { KubeBudget = count },
            "--rate" when isNumber => options with { Rate = number },
            "--churn" when isNumber => options with { Churn = number },
            "--duration" when isNumber => options with { Duration = TimeSpan.FromSeconds(number) },
            "--ramp" when isNumber => options with { Ramp = TimeSpan.FromSeconds(number) },
            "--kill-operator-at" when isNumber => options with { KillOperatorAt = TimeSpan.FromSeconds(number) },
            "--restart-broker-at" when isNumber => options with { RestartBrokerAt = TimeSpan.FromSeconds(number) },
            "--nats" => options with { Nats = value },
            "--kubeconfig" => options with { Kubeconfig = Path.GetFullPath(value) },
            "--gtc" => options with { Gtc = value },
            "--report" when value is "text" or "json" => options with { IsJson = value == "json" },
            _ => null,
        };
    }
}
