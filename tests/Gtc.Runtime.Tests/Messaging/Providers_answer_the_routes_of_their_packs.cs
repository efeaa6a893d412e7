using System.Net;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Packs;
using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime.Tests.Messaging;

/// <summary>The extension <c>greentic.http-routes.v1</c>, with a provider compiled from C.</summary>
public sealed class Providers_answer_the_routes_of_their_packs
{
    private const string Routes =
        """
        [{"id":"hooks","pattern":"/v1/hooks/{name}/*","methods":["GET","put"],"provider_op":"handle_http","domain":"oauth"},
         {"id":"fixed","pattern":"/v1/hooks/{name}/fixed","methods":["DELETE"],"provider_op":"handle_http","domain":"events"},
         {"id":"in","pattern":"/v1/in/{tenant}","methods":["POST"]},
         {"id":"nobody","pattern":"/v1/nobody","methods":["GET"],"provider_op":"nothing"}]
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/bot/v1/hooks/a", 201)]
    [InlineData("PUT", "/bot/v1/hooks/a/b/c?d=e", 201)]
    [InlineData("DELETE", "/bot/v1/hooks/a/fixed", 201)]
    [InlineData("GET", "/bot/v1/hooks/a/fixed", 201)]
    [InlineData("POST", "/bot/v1/hooks/a/fixed", 405)]
    [InlineData("GET", "/bot/v1/hooks/", 405)]
    [InlineData("GET", "/bot/v1/in/default", 405)]
    [InlineData("GET", "/bot/v1/in/other", 405)]
    [InlineData("GET", "/bot/v1/nobody", 501)]
    [InlineData("GET", "/v1/hooks/a", 404)]
    public async Task A_request_of_a_route_is_the_providers(string method, string path, int status)
    {
        await using var lab = await BotLab.CreateAsync(routes: Routes);
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);

        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await client.SendAsync(request, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);

        ((int)answer.StatusCode).ShouldBe(status, text);
        if (status == 201)
        {
            text.ShouldBe($$"""{"method":"{{method}}","path":"{{path.Split('?')[0]}}","tenant":"default"}""");

            // It is of a domain whose events no flow takes.
            lab.Worker.Logs.Lines.ShouldContain(line => line.Level == LogLevel.Warning && line.Text.StartsWith("1 events of provider messaging.telegram.bot", StringComparison.Ordinal));
        }
        else if (path.EndsWith("/fixed", StringComparison.Ordinal))
        {
            answer.Content.Headers.Allow.ShouldBe(["DELETE", "GET", "PUT"]);
        }
        else if (status == 501)
        {
            text.ShouldBe("pack messaging-telegram has no provider that answers route `nobody` with `nothing`");
        }
    }

    [Fact]
    public async Task Messages_of_a_route_are_let_in_by_the_gate_and_answered_by_flows()
    {
        await using var lab = await BotLab.CreateAsync(routes: Routes);
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);

        (await BotLab.PostAsync(client, lab.Message("7", "hi"), secret: null, "/bot/v1/in/default")).Status.ShouldBe(401);
        (await BotLab.PostAsync(client, lab.Message("7", "hi"), path: "/bot/v1/in/default")).Status.ShouldBe(200);
        await Eventually.HoldsAsync(() => lab.Telegram.Sent("7").Length == 1);
        lab.Telegram.Sent("7")[0].ShouldContain(BotLab.Welcome);
    }

    [Fact]
    public async Task A_body_may_have_as_many_bytes_as_any_and_none_more()
    {
        await using var lab = await BotLab.CreateAsync(routes: Routes);
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);

        (await PutAsync(1 << 20)).ShouldBe(HttpStatusCode.Created);
        (await PutAsync((1 << 20) + 1)).ShouldBe(HttpStatusCode.RequestEntityTooLarge);

        async Task<HttpStatusCode> PutAsync(int size)
        {
            using var answer = await client.PutAsync("/bot/v1/hooks/a", new StringContent(new string('x', size), Encoding.ASCII), Token);
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("/*", "/v1/oauth/{tenant}/callback", "/v1/oauth/acme/callback")]
    [InlineData("/v1/{rest*}", "/v1/{a}/{b}", "/v1/x/y")]
    [InlineData("/v1/{name}", "/v1/me", "/v1/me")]
    public void The_most_specific_route_of_all_packs_answers(string wide, string narrow, string path)
    {
        foreach (var packs in (PackManifest[][])[[Declaring("one", wide), Declaring("two", narrow)], [Declaring("two", narrow), Declaring("one", wide)]])
        {
            ProviderRoutes.Of(packs).Value.Find("GET", path, new TenantSelector { Tenant = "acme", Team = "sales" })!.Value.PackId.ShouldBe("two");
        }
    }

    [Fact]
    public void Other_names_for_the_same_segments_want_the_same_request() =>
        ProviderRoutes.Of([Declaring("one", "/a/{x}/*"), Declaring("two", "/a/{y}/{rest*}")]).Refusal!.Message.ShouldBe("the packs one and two both answer GET /a/{}/*");

    [Fact]
    public async Task Routes_that_want_the_same_request_keep_the_revision_from_being_served()
    {
        await using var lab = await BotLab.CreateAsync(routes: """[{"pattern":"/a","methods":["GET","POST"]},{"pattern":"/a","methods":["get"]}]""");
        var booted = await lab.Worker.BootAsync();
        booted.Refusal!.Message.ShouldBe("the packs messaging-telegram and messaging-telegram both answer GET /a");
    }

    private static PackManifest Declaring(string pack, string pattern)
    {
        var manifest = new PackManifest { PackId = pack, Version = "1.0.0", Kind = "application", Publisher = "tests" };
        return manifest with
        {
            Extensions = manifest.Extensions.Add(HttpRoute.Extension, new(HttpRoute.Extension, "1", JsonElement.Parse($$"""{"schema_version":1,"routes":[{"pattern":"{{pattern}}","methods":["GET"]}]}"""))),
        };
    }

    private static HttpClient Client(WorkerHost worker) => new() { BaseAddress = new Uri($"http://{worker.Address}") };
}
