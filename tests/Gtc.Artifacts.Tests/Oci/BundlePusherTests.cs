using System.Security.Cryptography;
using System.Text;
using Gtc.Artifacts.Oci;
using Gtc.Artifacts.Tests.Sources;
using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Artifacts.Tests.Oci;

public class BundlePusherTests
{
    private static readonly byte[] Content = Bytes.Of(300_000);

    [Fact]
    public void The_manifest_is_the_same_bytes_for_the_same_bundle() =>
        Encoding.UTF8.GetString(BundleManifest.Write(Content.Digest(), Content.Length, "app.gtbundle")).ShouldBe(string.Concat(
            """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",""",
            """ "artifactType":"application/vnd.greentic.gtbundle.v1","config":{"mediaType":"application/vnd.oci.empty.v1+json",""".TrimStart(),
            """ "digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[{""".TrimStart(),
            $""" "mediaType":"application/octet-stream","digest":"{Content.Digest()}","size":300000,""".TrimStart(),
            """ "annotations":{"org.opencontainers.image.title":"app.gtbundle"}}]}""".TrimStart()));

    [Theory]
    [InlineData("/upload/1")]
    [InlineData("/upload/1?state=a%2Bb")]
    [InlineData("ADDRESS/upload/1?state=a%2Bb")]
    public async Task An_upload_goes_where_the_registry_says(string location)
    {
        var bodies = new List<byte[]>();
        await using var server = await StartAsync(location, bodies);
        var pushed = (await Push.RunAsync($"oci://{server.Authority}/app:1", Content, Push.Plain(server.Authority))).Value;

        bodies[0].ShouldBe(Content);
        bodies[1].ShouldBe("{}"u8.ToArray());
        pushed.ManifestDigest.ShouldBe(Sha256Digest.FromBytes(SHA256.HashData(bodies[2])));
        var query = location.Contains('?', StringComparison.Ordinal) ? "state=a%2Bb&" : "";
        server.Requests.First(static request => request.Method == "PUT").Target.ShouldBe(
            $"/upload/1?{query}digest={Uri.EscapeDataString(Content.Digest().ToString())}");
    }

    [Fact]
    public async Task An_upload_elsewhere_gets_the_bytes_and_no_credentials()
    {
        var bodies = new List<byte[]>();
        await using var storage = await ScriptedServer.StartAsync(static context =>
        {
            context.Response.StatusCode = 201;
            return context.Request.Body.CopyToAsync(Stream.Null);
        });
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            if (context.Request.Path == "/token")
            {
                return context.Response.WriteAsync("""{"token":"abc"}""");
            }

            if (context.Request.Headers.Authorization == "Bearer abc")
            {
                return AnswerAsync(context, $"{storage.Address}put", bodies);
            }

            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"http://{context.Request.Host}/token\"";
            return Task.CompletedTask;
        });

        (await Push.RunAsync($"oci://{server.Authority}/app:1", Content, Push.Plain(server.Authority))).Refusal?.AllText().ShouldBeNull();
        storage.Requests.Count.ShouldBe(2);
        storage.Requests.ShouldAllBe(static request => request["Authorization"] == null);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("ftp://127.0.0.1/x")]
    public async Task An_upload_to_nowhere_is_refused(string? location)
    {
        await using var server = await StartAsync(location, []);

        (await Push.RunAsync($"oci://{server.Authority}/app:1", Content, Push.Plain(server.Authority))).Refusal!.Message
            .ShouldContain("without a usable Location");
    }

    [Fact]
    public async Task A_push_that_was_interrupted_is_repeated()
    {
        var bodies = new List<byte[]>();
        var trouble = 2;
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            if (context.Request.Method == "PUT" && trouble-- > 0)
            {
                await context.Request.Body.ReadExactlyAsync(new byte[1000]);
                context.Abort();
                return;
            }

            await AnswerAsync(context, "/upload/1", bodies);
        });
        var pushed = (await Push.RunAsync($"oci://{server.Authority}/app:1", Content, Push.Plain(server.Authority))).Value;

        pushed.AlreadyThere.ShouldBeFalse();
        bodies[0].ShouldBe(Content);
    }

    [Fact]
    public async Task A_registry_that_stores_something_else_is_found_out()
    {
        await using var server = await ScriptedServer.StartAsync(static context =>
        {
            context.Response.Headers["Docker-Content-Digest"] = Bytes.Of(1).Digest().ToString();
            return AnswerAsync(context, "/upload/1", []);
        });

        (await Push.RunAsync($"oci://{server.Authority}/app:1", Content, Push.Plain(server.Authority))).Refusal.ShouldBeOfType<Refusal.DigestMismatch>();
    }

    [Fact]
    public async Task A_registry_that_denies_says_so_with_its_code()
    {
        await using var server = await ScriptedServer.StartAsync(static context =>
        {
            context.Response.StatusCode = context.Request.Method == "HEAD" ? 404 : 403;
            return context.Response.WriteAsync("""{"errors":[{"code":"DENIED","message":"<script>"}]}""");
        });
        var refusal = (await Push.RunAsync($"oci://{server.Authority}/app:1", Content, Push.Plain(server.Authority))).Refusal.ShouldBeOfType<Refusal.FetchFailed>();

        refusal.Detail("cause").ShouldBe("the registry answered 403 (DENIED)");
        refusal.Detail("code").ShouldBe("PushFailed");
        refusal.AllText().ShouldNotContain("script");
    }

    [Fact]
    public async Task What_cannot_be_pushed_is_refused_before_anything_is_sent()
    {
        (await Push.RunAsync($"oci://registry.example/app@{Content.Digest()}", Content, Pull.Quick)).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        (await Push.RunAsync("registry.example/app", Content, Pull.Quick)).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();

        var pusher = new BundlePusher(TimeProvider.System, static () => 0, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var request = new PushRequest { Reference = "oci://registry.example/app", BundlePath = "/nowhere/app.gtbundle" };
        (await pusher.PushAsync(request, null, TestContext.Current.CancellationToken)).Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    private static Task<ScriptedServer> StartAsync(string? location, List<byte[]> bodies) =>
        ScriptedServer.StartAsync(context => AnswerAsync(context, location?.Replace("ADDRESS", $"http://{context.Request.Host}", StringComparison.Ordinal), bodies));

    /// <summary>A registry that has nothing and takes everything.</summary>
    private static async Task AnswerAsync(HttpContext context, string? location, List<byte[]> bodies)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        switch (context.Request.Method)
        {
            case "HEAD":
                context.Response.StatusCode = 404;
                break;
            case "POST":
                context.Response.StatusCode = 202;
                context.Response.Headers.Location = location;
                break;
            default:
                context.Response.StatusCode = 201;
                bodies.Add(body.ToArray());
                break;
        }
    }
}
