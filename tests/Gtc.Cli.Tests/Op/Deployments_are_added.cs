namespace Gtc.Cli.Tests.Op;

public class Deployments_are_added
{
    [Fact]
    public async Task Only_with_a_trusted_operator_key()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        var noKey = await Staged.RefusedAsync(cli, "bundles add");
        noKey.Kind.ShouldBe("operator-key");
        noKey.Error.GetProperty("next").GetString().ShouldBe("gtc op trust-root bootstrap");
        await cli.OpAsync("env create other");
        await cli.OpAsync("trust-root bootstrap other");
        (await Staged.RefusedAsync(cli, "bundles add")).Kind.ShouldBe("revenue-policy");
        (await cli.OpAsync("trust-root list other")).GetProperty("keys").GetArrayLength().ShouldBe(1);
        (await cli.OpAsync("trust-root list")).GetProperty("keys").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Once_for_a_bundle_and_a_customer()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        (await Staged.RefusedAsync(cli, "bundles add")).Kind.ShouldBe("conflict");
        await cli.OpAsync("bundles add --customer acme");
        (await cli.OpAsync("bundles list")).GetProperty("deployments").EnumerateArray().Select(d => d.GetProperty("customer_id").GetString()).ShouldBe(["local-dev", "acme"]);
    }

    [Fact]
    public async Task Outside_local_somebody_must_be_billed()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create prod");
        await cli.OpAsync("trust-root bootstrap prod");
        (await Staged.RefusedAsync(cli, "bundles add prod")).Kind.ShouldBe("invalid-argument");
        (await Staged.RefusedAsync(cli, "bundles add prod customer_id=")).Kind.ShouldBe("invalid-argument");
        (await cli.OpAsync("bundles add prod customer_id=acme")).GetProperty("environment_id").GetString().ShouldBe("prod");
    }

    [Fact]
    public async Task With_routes_and_shares_as_flags_words_or_answers()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var added = await cli.OpAsync("bundles add bundle_id=a --host a.test --host b.test --path-prefix /a --tenant t revenue_share=[{\"party_id\":\"x\",\"basis_points\":10000}] config_overrides.p.k:=7");
        added.GetProperty("hosts").GetRawText().ShouldBe("""["a.test","b.test"]""");
        cli.Write("b.yaml", "bundle_id: b\nroute_binding:\n  hosts: [a.test, b.test]\n  path_prefixes: [/a]\n  tenant_selector: {tenant: t}\nrevenue_share: [{party_id: x, basis_points: 10000}]\nconfig_overrides: {p: {k: 7}}\n");
        await cli.OpAsync("bundles add --answers b.yaml");
        var bundles = (await Staged.DocumentAsync(cli)).GetProperty("bundles");
        foreach (var member in new[] { "route_binding", "revenue_share", "config_overrides" })
        {
            bundles[2].GetProperty(member).GetRawText().ShouldBe(bundles[1].GetProperty(member).GetRawText());
        }

        bundles[1].GetProperty("route_binding").GetProperty("tenant_selector").GetRawText().ShouldBe("""{"tenant":"t","team":"default"}""");
    }

    [Theory]
    [InlineData("revenue_share=[]", "spec")]
    [InlineData("revenue_share=[{\"party_id\":\"x\",\"basis_points\":9999}]", "spec")]
    [InlineData("--path-prefix nope", "invalid-argument")]
    [InlineData("bundle_id=../x", "invalid-argument")]
    [InlineData("bundle_idd=x", "answers-parse")]
    [InlineData("route_binding.tenant_selector.tennant=x", "answers-parse")]
    [InlineData("idempotency_key=", "invalid-argument")]
    public async Task Not_with_values_that_cannot_be(string words, string kind)
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        (await Staged.RefusedAsync(cli, $"bundles add bundle_id=other {words}".Replace("bundle_id=other bundle_id", "bundle_id", StringComparison.Ordinal))).Kind.ShouldBe(kind);
    }
}
