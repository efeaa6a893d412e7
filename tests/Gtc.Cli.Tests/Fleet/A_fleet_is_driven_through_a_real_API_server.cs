using System.Diagnostics;
using System.Text.Json;
using Gtc.Cli.Tests.Op.Credentials;

namespace Gtc.Cli.Tests.Fleet;

/// <summary>The verbs against Kubernetes 1.20, in the order in which a person uses them.</summary>
public class A_fleet_is_driven_through_a_real_API_server
{
    private static readonly string[] Keys = ["a", "b", "example.com/c"];
    private static readonly string[] Values = ["x", "y", "z"];

    [Fact]
    public async Task From_install_to_delete()
    {
        await using var lab = await KubeLab.StartAsync();
        using var cli = new TestCli();
        cli.SetVariable("KUBECONFIG", lab.Kubeconfig);

        (await RunAsync(cli, "get")).Kind.ShouldBe("not-found");
        await OkAsync(cli, "install --crds-only");
        (await OkAsync(cli, "get")).GetProperty("deployments").GetArrayLength().ShouldBe(0);

        var applied = await OkAsync(cli, "apply --to group=lab --image nginx:1.25");
        applied.GetProperty("generation").GetInt64().ShouldBe(1);
        (await OkAsync(cli, "apply --to group=lab --image nginx:1.25")).GetProperty("generation").GetInt64().ShouldBe(1, "the same again changes nothing");
        var upgraded = await OkAsync(cli, "apply --image nginx:1.26");
        upgraded.GetProperty("generation").GetInt64().ShouldBe(2);
        upgraded.GetProperty("selector").GetString().ShouldBe("group=lab", "the selector is kept");

        await Printed_resources_go_through_kubectl(cli, lab);
        await Devices_are_shown_and_explained(cli, lab);
        await The_whole_installation_is_taken(cli);
        await Selectors_agree_with_the_server(cli, lab);
        await Deleting_waits_for_who_holds_it(cli, lab);
    }

    private static async Task Printed_resources_go_through_kubectl(TestCli cli, KubeLab lab)
    {
        var printed = await cli.RunWordsAsync("fleet", "apply", "--print", "--name", "printed", "--to-expr", "group in (lab,office)", "--strategy", "Batched", "--batch-size", "5");
        (await KubectlAsync(lab, ["apply", "-f", "-"], printed.Stdout)).ShouldContain("deployment.fleet.nationtech.io/printed created");
        await KubectlAsync(lab, ["apply", "-f", "-"], printed.Stdout);
        (await KubectlAsync(lab, ["get", "fdep", "printed", "-n", "fleet-demo", "-o", "jsonpath={.metadata.generation}"])).ShouldBe("1");
        (await KubectlAsync(lab, ["get", "fdep", "-A"])).ShouldContain("MATCHED");

        // The server publishes the descriptions some time after it serves the kind; of a score, whose unknown variants are kept, only what it is itself.
        string explained;
        for (var attempt = 0; !(explained = await KubectlAsync(lab, ["explain", "fdep.spec.score"], mayFail: attempt < 300)).Contains("Exactly one member", StringComparison.Ordinal); attempt++)
        {
            (attempt < 300).ShouldBeTrue(explained);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static async Task Devices_are_shown_and_explained(TestCli cli, KubeLab lab)
    {
        const string Device = """{"apiVersion":"fleet.nationtech.io/v1alpha1","kind":"Device","metadata":{"name":"pi-42","labels":{"device-id":"pi-42","group":"office"}},"spec":{"inventory":{"arch":"aarch64","cpuCores":4,"memoryMb":7936}}}""";
        await KubectlAsync(lab, ["apply", "-f", "-"], Device);

        var devices = await OkAsync(cli, "devices --to group=office");
        devices.GetProperty("devices")[0].GetProperty("name").GetString().ShouldBe("pi-42");
        (await OkAsync(cli, "devices --to group=lab")).GetProperty("devices").GetArrayLength().ShouldBe(0);

        var explained = (await OkAsync(cli, "explain device pi-42")).GetProperty("deployments");
        explained[0].GetProperty("name").GetString().ShouldBe("printed");
        explained[0].GetProperty("selects").GetBoolean().ShouldBeTrue();
        explained[1].GetProperty("name").GetString().ShouldBe("hello-world");
        explained[1].GetProperty("because").GetString().ShouldBe("group is `office`, `lab` was wanted");
        (await RunAsync(cli, "explain device pi-43")).Kind.ShouldBe("not-found");
    }

    private static async Task The_whole_installation_is_taken(TestCli cli)
    {
        (await OkAsync(cli, "install --image registry.example/gtc:1")).GetProperty("objects").GetArrayLength().ShouldBe(10);
        (await OkAsync(cli, "install --image registry.example/gtc:2 --replicas 2")).GetProperty("state").GetString().ShouldBe("applied");
        (await OkAsync(cli, "nats install --preset clustered --no-wait")).GetProperty("objects").GetArrayLength().ShouldBe(6);
        (await OkAsync(cli, "nats install --name second --expose node-port --node-port 30422 --no-wait")).GetProperty("objects").GetArrayLength().ShouldBe(4);
    }

    /// <summary>The server is the reference: what it lists for a selector is what that selector means.</summary>
    private static async Task Selectors_agree_with_the_server(TestCli cli, KubeLab lab)
    {
        var random = new Random(42);
        var devices = Enumerable.Range(0, 40).Select(number => (Name: $"d-{number}", Labels: Keys.Where(_ => random.Next(3) > 0).ToDictionary(key => key, _ => Values[random.Next(3)]))).ToList();
        var items = string.Join(',', devices.Select(device =>
            $$$"""{"apiVersion":"fleet.nationtech.io/v1alpha1","kind":"Device","metadata":{"name":"{{{device.Name}}}","labels":{{{JsonSerializer.Serialize(device.Labels)}}}}}"""));
        await KubectlAsync(lab, ["apply", "-f", "-"], $$"""{"apiVersion":"v1","kind":"List","items":[{{items}}]}""");
        for (var round = 0; round < 60; round++)
        {
            var key = Keys[random.Next(3)];
            var expression = random.Next(4) switch
            {
                0 => $"{key} in ({Values[random.Next(3)]},{Values[random.Next(3)]})",
                1 => $"{key} notin ({Values[random.Next(3)]})",
                2 => key,
                _ => $"!{key}",
            };
            var second = Keys[random.Next(3)];
            var run = await cli.RunWordsAsync("fleet", "devices", "--to-expr", expression, "--to-expr", second, "--format", "json");
            var listed = run.Result.GetProperty("devices").EnumerateArray().Select(device => device.GetProperty("name").GetString()!).Where(name => name.StartsWith("d-", StringComparison.Ordinal));
            var selector = new Gtc.Fleet.Contracts.LabelSelector
            {
                MatchExpressions = [Gtc.Fleet.Contracts.SelectorText.ParseExpression(expression).Value, Gtc.Fleet.Contracts.SelectorText.ParseExpression(second).Value],
            }.Compile().Value;

            devices.Where(device => selector.Matches(device.Labels)).Select(device => device.Name).Order(StringComparer.Ordinal).ShouldBe(listed, $"{expression}, {second}");
        }
    }

    private static async Task Deleting_waits_for_who_holds_it(TestCli cli, KubeLab lab)
    {
        await KubectlAsync(lab, ["patch", "fdep", "hello-world", "-n", "fleet-demo", "--type=merge", "-p", """{"metadata":{"finalizers":["fleet.nationtech.io/desired-state-cleanup"]}}"""]);
        (await OkAsync(cli, "delete --name hello-world --no-wait")).GetProperty("state").GetString().ShouldBe("going");
        var held = RunAsync(cli, "delete --name hello-world");
        held.IsCompleted.ShouldBeFalse();
        await KubectlAsync(lab, ["patch", "fdep", "hello-world", "-n", "fleet-demo", "--type=merge", "-p", """{"metadata":{"finalizers":null}}"""]);
        (await held).Result.GetProperty("state").GetString().ShouldBe("gone");
        (await OkAsync(cli, "apply --delete")).GetProperty("state").GetString().ShouldBe("absent");
    }

    private static Task<TestRun> RunAsync(TestCli cli, string line) => cli.RunAsync($"fleet {line} --format json");

    private static async Task<JsonElement> OkAsync(TestCli cli, string line)
    {
        var run = await RunAsync(cli, line);
        run.Exit.ShouldBe(0, run.Stderr);
        return run.Result;
    }

    private static async Task<string> KubectlAsync(KubeLab lab, string[] words, string input = "", bool mayFail = false)
    {
        var start = new ProcessStartInfo("kubectl", ["--kubeconfig", lab.Kubeconfig, .. words]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var told = await errors;
        (mayFail || process.ExitCode == 0).ShouldBeTrue(told);
        return output;
    }
}
