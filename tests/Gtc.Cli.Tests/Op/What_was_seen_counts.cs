namespace Gtc.Cli.Tests.Op;

/// <summary><c>--expect-generation</c> is gone by or refused, on files as over a server, and never ignored.</summary>
public class What_was_seen_counts : IDisposable
{
    private const string Key = "default/_/app/token";

    private readonly TestCli _cli = new() { Stdin = "value\n" };

    public void Dispose()
    {
        _cli.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task By_verbs_whose_change_lies_beside_the_document()
    {
        await Staged.DeploymentAsync(_cli);
        await _cli.OpAsync("env-packs add slot=secrets kind=greentic.secrets.dev-store@0.1.0 pack_ref=builtin");
        await _cli.OpAsync($"secrets put {Key} --from-file -");
        var trusted = (await _cli.OpAsync("trust-root list")).GetProperty("keys")[0];
        var id = trusted.GetProperty("key_id").GetString();
        var pem = _cli.Write("key.pem", trusted.GetProperty("public_key_pem").GetString()!);
        foreach (var verb in (string[])[$"secrets put {Key} --from-file -", $"secrets rotate {Key} --generate-length 32", $"trust-root add --key-id {id} --public-key-file {pem}", $"trust-root remove --key-id {id}", $"secrets delete {Key}"])
        {
            (await Staged.RefusedAsync(_cli, $"{verb} --expect-generation 1")).Message.ShouldStartWith("generation 1 was expected, the environment is at ", customMessage: verb);
            var seen = (await Staged.DocumentAsync(_cli)).GetProperty("env_generation").GetUInt64();
            await _cli.OpAsync($"{verb} --expect-generation {seen}");
        }
    }

    [Theory]
    [InlineData("env-packs install pack")]
    [InlineData("usage prune --keep-days 1")]
    [InlineData("operator-key rotate")]
    public async Task By_no_verb_that_changes_no_environment(string verb)
    {
        await _cli.OpAsync("env create");
        var refused = await Staged.RefusedAsync(_cli, $"{verb} --expect-generation 1");
        (refused.Kind, refused.Message.EndsWith("takes no --expect-generation", StringComparison.Ordinal)).ShouldBe(("invalid-argument", true));
    }
}
