using Gtc.Load;

// Whole processes on the real path, measured from outside; see bench/README.md.
if (args is not [var scenario, .. var rest])
{
    Console.Error.WriteLine("usage: Gtc.Load boot|materialise|memory|plan|mutations|show|history|k8s|fleet-core|fleet|nats|store [--gtc FILE] [--baseline FILE] [--runs N] [--mib N] [--generations N]");
    return 2;
}

if (scenario == "fleet")
{
    return await Gtc.Load.Fleet.FleetScenario.RunAsync(rest);
}

if (scenario == "store")
{
    return await Gtc.Load.Store.StoreScenario.RunAsync(rest);
}

var options = LoadOptions.Parse(rest);
return scenario switch
{
    "boot" => await BootScenario.RunAsync(options),
    "materialise" => await MaterialiseScenario.RunAsync(options),
    "memory" => await MemoryScenario.RunAsync(options),
    "plan" => await PlanScenario.RunAsync(options),
    "mutations" => await MutationsScenario.RunAsync(options),
    "show" => await ShowScenario.RunAsync(options),
    "history" => await HistoryScenario.RunAsync(options),
    "k8s" => await KubernetesScenario.RunAsync(options),
    "fleet-core" => await FleetCoreScenario.RunAsync(options),
    "nats" => await NatsScenario.RunAsync(options),
    _ => 2,
};
