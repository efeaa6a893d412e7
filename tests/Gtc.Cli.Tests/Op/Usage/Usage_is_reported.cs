using System.Text.Json;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Tests.Op.Usage;

public class Usage_is_reported : IDisposable
{
    private static readonly DateTimeOffset Hour = new(2026, 11, 20, 14, 0, 0, TimeSpan.Zero);

    private readonly TestCli _cli = new();

    public void Dispose()
    {
        _cli.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task It_is_shared_out_by_the_policy_of_the_hour()
    {
        var deployment = await Staged.DeploymentAsync(_cli);
        Write(deployment, Hour, 1, 10);
        _cli.Time.Advance(TimeSpan.FromMinutes(30));
        await _cli.OpAsync("bundles update revenue_share=[{\"party_id\":\"greentic\",\"basis_points\":6667},{\"party_id\":\"partner\",\"basis_points\":3333}]");
        Write(deployment, Hour, 2, 1);
        Write(deployment, Hour.AddHours(1), 1, 1);
        _cli.Time.Advance(TimeSpan.FromHours(1));
        var report = await _cli.OpAsync("usage report");
        var group = report.GetProperty("groups").EnumerateArray().ShouldHaveSingleItem();
        group.GetProperty("customer_id").GetString().ShouldBe("local-dev");
        (group.GetProperty("requests").GetInt64(), group.GetProperty("bytes_out").GetInt64()).ShouldBe((12, 1200));
        Parts(group).ShouldBe(["greentic 11.6667", "partner 0.3333"]);
        group.GetProperty("policy_refs").EnumerateArray().Select(item => item.GetString()).ShouldBe(
            ["billing-policies/main/local-dev/v1.json.sig", "billing-policies/main/local-dev/v2.json.sig"]);
        Parts(report.GetProperty("total")).ShouldBe(Parts(group));

        var byHour = await _cli.OpAsync("usage report --by deployment,hour");
        byHour.GetProperty("groups").EnumerateArray().Select(row => $"{row.GetProperty("hour").GetString()} {row.GetProperty("requests").GetInt64()} {string.Join(' ', Parts(row))}").ShouldBe(
            ["2026-11-20T14:00:00Z 11 greentic 11", "2026-11-20T15:00:00Z 1 greentic 0.6667 partner 0.3333"]);
        (await _cli.OpAsync("usage report --from 2026-11-20T15:00:00Z")).GetProperty("total").GetProperty("requests").GetInt64().ShouldBe(1);
        (await _cli.OpAsync("usage report --to 2026-11-20T15:00:00Z")).GetProperty("total").GetProperty("requests").GetInt64().ShouldBe(11);
    }

    [Fact]
    public async Task Lines_are_exported_as_they_are_or_into_a_new_file()
    {
        var deployment = await Staged.DeploymentAsync(_cli);
        Write(deployment, Hour, 1, 10);
        var run = await _cli.RunAsync($"op usage export --store-root {_cli.StoreRoot}");
        run.Exit.ShouldBe(0, run.Stderr);
        var line = run.Stdout.TrimEnd('\n').Split('\n').ShouldHaveSingleItem();
        var row = JsonElement.Parse(line);
        (row.GetProperty("requests").GetInt64(), row.GetProperty("deployment_id").GetString(), row.GetProperty("policy_ref").GetString())
            .ShouldBe((10, deployment, "billing-policies/main/local-dev/v1.json.sig"));

        var written = await _cli.OpAsync("usage export --as csv --output usage.csv");
        written.GetProperty("rows").GetInt32().ShouldBe(1);
        var file = Path.Combine(_cli.Folder, "usage.csv");
        File.ReadAllText(file).Split("\r\n").ShouldBe(
        [
            "hour,customer_id,tenant,deployment_id,bundle_id,revision_id,requests,flow_runs,component_calls,bytes_in,bytes_out,policy_ref",
            $"2026-11-20T14:00:00Z,local-dev,\"te\"\"nant, one\",{deployment},main,{Id(9)},10,20,30,100,1000,billing-policies/main/local-dev/v1.json.sig",
            "",
        ]);
        (File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)).ShouldBe(UnixFileMode.None);
        (await Staged.RefusedAsync(_cli, "usage export --output usage.csv")).Kind.ShouldBe("conflict");
    }

    [Fact]
    public async Task A_cut_line_is_a_finding()
    {
        var deployment = await Staged.DeploymentAsync(_cli);
        Write(deployment, Hour, 1, 10);
        File.AppendAllText(Directory.GetFiles(Path.Combine(_cli.LocalRoot, "local", "usage"), "*", SearchOption.AllDirectories).Single(), "{\"schema\":\"greent");
        var report = await _cli.OpAsync("usage report");
        report.GetProperty("total").GetProperty("requests").GetInt64().ShouldBe(10);
        report.GetProperty("findings").EnumerateArray().ShouldHaveSingleItem().GetString()!.ShouldContain("line 2 of usage/20261120/");
        (await _cli.RunAsync($"op usage report --fail-on-findings --store-root {_cli.StoreRoot}")).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task A_table_names_who_earns_what()
    {
        using var cli = new TestCli { IsTerminal = true };
        await cli.OpAsync("env create");
        (await cli.RunAsync($"op usage report --store-root {cli.StoreRoot}")).Stdout.ShouldBe("No usage of environment local since 2026-10-21T14:00:00Z.\n");
        await cli.OpAsync("trust-root bootstrap");
        var deployment = (await cli.OpAsync("bundles add")).GetProperty("deployment_id").GetString()!;
        Write(deployment, Hour, 1, 1234, cli);
        var text = (await cli.RunAsync($"op usage report --store-root {cli.StoreRoot}")).Stdout;
        text.ShouldContain("local-dev");
        text.ShouldContain("greentic 1,234");
        text.ShouldContain("all");
    }

    [Fact]
    public async Task Old_days_are_removed_and_what_cannot_be_meant_is_refused()
    {
        var deployment = await Staged.DeploymentAsync(_cli);
        Write(deployment, Hour.AddDays(-3), 1, 10);
        Write(deployment, Hour, 1, 10);
        (await _cli.OpAsync("usage prune --keep-days 1")).GetProperty("removed_days").EnumerateArray().Select(day => day.GetString()).ShouldBe(["20261117"]);
        (await _cli.OpAsync("usage report")).GetProperty("total").GetProperty("requests").GetInt64().ShouldBe(10);
        (await Staged.RefusedAsync(_cli, "usage report --by colour")).Message.ShouldContain("customer, tenant, deployment, revision, hour");
        (await Staged.RefusedAsync(_cli, "usage report --from 2026-11-20T15:00:00Z --to 2026-11-20T14:00:00Z")).Kind.ShouldBe("invalid-argument");
        (await Staged.RefusedAsync(_cli, "usage export --as xml")).Message.ShouldContain("jsonl or csv");
        (await Staged.RefusedAsync(_cli, "usage report elsewhere")).Kind.ShouldBe("not-found");
        (await Staged.RefusedAsync(_cli, "usage prune elsewhere --keep-days 1")).Kind.ShouldBe("not-found");
    }

    private static IEnumerable<string> Parts(JsonElement group) =>
        group.GetProperty("shares").EnumerateArray().Select(share => $"{share.GetProperty("party_id").GetString()} {share.GetProperty("requests").GetDecimal():0.####}");

    private static Ulid Id(byte number) => Ulid.From(Hour, [0, 0, 0, 0, 0, 0, 0, 0, 0, number]);

    private void Write(string deployment, DateTimeOffset hour, byte worker, long requests, TestCli? cli = null)
    {
        cli ??= _cli;
        var files = new UsageFiles(new FileEnvironmentStore(new StoreLayout(cli.LocalRoot), cli.Time, static bytes => bytes.Fill(7)).Files(EnvId.Local));
        Ulid.TryParse(deployment, out var id).ShouldBeTrue();
        var source = new UsageSource("local-dev", "te\"nant, one", new DeploymentId(id), "main", new RevisionId(Id(9)));
        files.Write(Id(worker), hour, [new UsageHour(source, hour, new UsageCounts(requests, requests * 2, requests * 3, requests * 10, requests * 100))]).ShouldBeNull();
    }
}
