namespace Gtc.Cli.Tests.Op.Secrets;

/// <summary>Over a store server secrets are encrypted by who has the key.</summary>
[OverAServer]
public sealed class Secrets_travel_encrypted : IDisposable
{
    private const string Path = "acme/_/messaging-telegram/bot_token";
    private const string Value = "hunter2-and-more";

    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Sealed_secrets_are_read_by_who_has_the_key_and_by_nobody_else()
    {
        await BindAsync();
        var refused = await Staged.RefusedAsync(_cli, $"secrets put {Path} --env prod --from-env TOKEN");
        refused.Kind.ShouldBe("conflict");
        refused.Message.ShouldContain("everybody knows");
        (await _cli.OpAsync("secrets list prod")).GetProperty("secrets").GetArrayLength().ShouldBe(0);

        (await _cli.OpAsync("secrets seal prod")).GetProperty("changed").GetBoolean().ShouldBeTrue();
        (await _cli.OpAsync("secrets seal prod")).GetProperty("changed").GetBoolean().ShouldBeFalse();
        (await _cli.OpAsync($"secrets put {Path} --env prod --from-env TOKEN")).GetProperty("version").GetInt32().ShouldBe(1);
        (await _cli.OpAsync($"secrets get {Path} --env prod --reveal")).GetProperty("value").GetString().ShouldBe(Value);
        foreach (var file in Directory.GetFiles(System.IO.Path.Combine(_cli.StoreRoot, "prod"), "*.*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ShouldNotContain(Value, Case.Sensitive, file);
        }

        (await _cli.OpAsync("config show prod --slot secrets")).GetProperty("pack_answers").GetProperty("secrets").GetProperty("keys")[0].GetString().ShouldBe("mode");
        _cli.SetVariable("GREENTIC_SECRETS_MASTER_KEY", Convert.ToBase64String(new byte[32]));
        (await Staged.RefusedAsync(_cli, $"secrets get {Path} --env prod")).Kind.ShouldBe("store");
    }

    [Fact]
    public async Task A_key_of_ones_own_may_be_used_again()
    {
        await BindAsync();
        _cli.SetVariable("GREENTIC_DEV_MASTER_KEY", "a pass phrase");
        for (var version = 1; version <= 2; version++)
        {
            (await _cli.OpAsync($"secrets put {Path} --env prod --from-env TOKEN --idempotency-key monday")).GetProperty("version").GetInt32().ShouldBe(version);
        }

        await _cli.OpAsync($"secrets delete {Path} --env prod --idempotency-key tuesday");
        (await _cli.OpAsync($"secrets delete {Path} --env prod --idempotency-key tuesday")).GetProperty("deleted").GetBoolean().ShouldBeFalse("it is done again, and finds nothing");
    }

    [Fact]
    public async Task A_change_of_which_nothing_tells_how_it_ended_is_made_once()
    {
        await BindAsync();
        _cli.SetVariable("GREENTIC_DEV_MASTER_KEY", "a pass phrase");
        await _cli.OpAsync($"secrets put {Path} --env prod --from-env TOKEN");
        var sent = 0;
        _cli.Wire = inner => new Wired(inner, async (request, carried) =>
        {
            var answer = await carried();
            if (request.Method == HttpMethod.Get)
            {
                return answer;
            }

            sent++;
            return new HttpResponseMessage(System.Net.HttpStatusCode.InternalServerError);
        });
        (await Staged.RefusedAsync(_cli, $"secrets rotate {Path} --env prod --from-env TOKEN")).Kind.ShouldBe("conflict");
        sent.ShouldBe(1);
        _cli.Wire = null;
        (await _cli.OpAsync($"secrets get {Path} --env prod")).GetProperty("version").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Secrets_that_are_written_at_once_are_all_there()
    {
        await BindAsync();
        _cli.SetVariable("GREENTIC_DEV_MASTER_KEY", "a pass phrase");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(number => _cli.OpAsync($"secrets put acme/_/p/secret_{number} --env prod --from-env TOKEN --idempotency-key k{number}")));
        (await _cli.OpAsync("secrets list prod")).GetProperty("secrets").GetArrayLength().ShouldBe(4);
    }

    private async Task BindAsync()
    {
        _cli.SetVariable("TOKEN", Value);
        await _cli.OpAsync("env create prod");
        await _cli.OpAsync("env-packs add prod slot=secrets kind=greentic.secrets.dev-store@0.1.0 pack_ref=builtin");
    }
}
