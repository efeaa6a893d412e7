using System.Text;
using Gtc.Model;
using Gtc.Store.Server.Tests.Access;

namespace Gtc.Store.Server.Tests.Clients;

/// <summary>The client of <c>Gtc.Store</c> against a real server.</summary>
public sealed class A_client_works_with_a_server
{
    private static readonly EnvId Env = EnvId.TryParse("shop.eu", out var id) ? id : default;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_operators_are_told_of_each_other()
    {
        await using var lab = new FileLab();
        var tokens = Tokens.Write(lab, Tokens.Entry("ada", "admin"), Tokens.Entry("bob", "operator"));
        using var _ = await lab.StartAsync(options => options with { Tokens = tokens });
        using var ada = Open(lab, "ada");
        using var bob = Open(lab, "bob");

        var body = Encoding.UTF8.GetBytes("""{"env_id":"shop.eu","name":"Shop","host_config":{"env_id":"shop.eu"}}""");
        var create = new RemoteRequest(Env, "env", "create") { Method = HttpMethod.Post, Segments = null, Body = body, Key = "create" };
        (await ada.ChangeAsync(create, Token)).Value.Generation.ShouldBe(1ul);
        (await ada.ChangeAsync(create, Token)).Value.IsReplay.ShouldBeTrue();
        (await ada.ListAsync(Token)).Value.ShouldBe([Env]);

        (await bob.ShowAsync(Env, null, Token)).Value.Document.Name.ShouldBe("Shop");
        (await ada.ChangeAsync(Rename("by-ada", "a1"), Token)).Value.Audit.Actor.User.ShouldBe("ada");
        var moved = (await bob.ChangeAsync(Rename("by-bob", "b1"), Token)).Refusal.ShouldBeOfType<Refusal.Conflict>();
        moved.Details.ShouldContain(detail => detail.Label == "since" && detail.Value.Contains("env.update by ada"));

        // Having been told, bob looks again and tries again under the same key.
        (await bob.ShowAsync(Env, null, Token)).Value.Generation.ShouldBe(2ul);
        (await bob.ChangeAsync(Rename("by-bob", "b1"), Token)).Value.Generation.ShouldBe(3ul);
        (await bob.ShowAsync(Env, 2, Token)).Value.Document.Name.ShouldBe("by-ada");
        (await bob.AuditAsync(Env, new AuditFilter { Limit = 1000 }, Token)).Value.Count(line => line.Result.Outcome == "ok").ShouldBe(3);
        (await bob.ChangeAsync(new RemoteRequest(Env, "trust-root", "bootstrap") { Method = HttpMethod.Post, Segments = ["trust-root", "bootstrap"], Key = "t" }, Token)).Refusal.ShouldBeOfType<Refusal.Unauthorized>();
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        await using var lab = new FileLab();
        using var _ = await lab.StartAsync();
        using var store = Open(lab, null);
        await lab.StopAsync();
        (await store.ListAsync(Token)).Refusal.ShouldBeOfType<Refusal.Unreachable>().Message.ShouldContain("cannot be reached");
    }

    private static RemoteRequest Rename(string name, string key) =>
        new(Env, "env", "update") { Method = HttpMethod.Patch, Body = Encoding.UTF8.GetBytes($$"""{"name":"{{name}}"}"""), Key = key };

    private static RemoteStore Open(FileLab lab, string? token) =>
        new(StoreTarget.Of(lab.Address.ToString(), token).Value, new SocketsHttpHandler { AllowAutoRedirect = false });
}
