using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Gtc.Artifacts.Tests.Sources;

namespace Gtc.Artifacts.Tests.Distributor;

public class ServedFolderTests
{
    private static readonly byte[] Secret = "this must never leave"u8.ToArray();
    private static readonly byte[] Content = Bytes.Of(5000);

    [Theory]
    [InlineData("/../secret")]
    [InlineData("/..%2fsecret")]
    [InlineData("/%2e%2e/secret")]
    [InlineData("/%2e%2e%2fsecret")]
    [InlineData("/sub/../../secret")]
    [InlineData("/sub/%2e%2e/%2e%2e/secret")]
    [InlineData("/..\\secret")]
    [InlineData("/..%5csecret")]
    [InlineData("/%252e%252e/secret")]
    [InlineData("//secret")]
    [InlineData("/./../secret")]
    [InlineData("/%00/../secret")]
    [InlineData("/app.gtbundle%00")]
    [InlineData("/SECRETPATH")]
    [InlineData("/%2fSECRETPATH")]
    [InlineData("http://127.0.0.1/../secret")]
    [InlineData("../secret")]
    [InlineData("/.hidden")]
    [InlineData("/%2ehidden")]
    [InlineData("/.git/config")]
    [InlineData("/link-out")]
    [InlineData("/link-to-hidden")]
    [InlineData("/folder-out/secret")]
    [InlineData("/chain")]
    [InlineData("/sub")]
    [InlineData("/sub/")]
    [InlineData("/pipe")]
    [InlineData("/dangling")]
    [InlineData("/nowhere")]
    [InlineData("/sub//inner.gtbundle")]
    [InlineData("/app.gtbundle/")]
    [InlineData("/app.gtbundle/x")]
    public async Task Nothing_but_visible_files_leaves_the_folder(string target)
    {
        await using var served = await StartAsync();
        var answer = await AskRawAsync(served, target.Replace("SECRETPATH", served.Folder["secret"], StringComparison.Ordinal));

        answer.ShouldNotContain("must never leave");
        answer.ShouldMatch(@"\AHTTP/1\.1 (400|404)");
    }

    [Theory]
    [InlineData("/app.gtbundle")]
    [InlineData("/sub/inner.gtbundle")]
    [InlineData("/sub/../app.gtbundle")]
    [InlineData("/link-in")]
    [InlineData("/with%20space%20%C3%A9")]
    public async Task Visible_files_are_served(string target)
    {
        await using var served = await StartAsync();
        (await AskRawAsync(served, target)).ShouldStartWith("HTTP/1.1 200");
    }

    [Fact]
    public async Task A_folder_that_is_itself_a_link_is_served()
    {
        await using var served = await ServedFixture.StartAsync(
            static folder =>
            {
                folder.Write("served/app", Content);
                File.CreateSymbolicLink(folder["alias"], folder["served"]);
            },
            static options => options with { Folder = Path.Combine(Path.GetDirectoryName(options.Folder)!, "alias") + "/" });
        using var response = await served.GetAsync("app");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_files_of_a_mounted_config_map_are_served()
    {
        await using var served = await ServedFixture.StartAsync(static folder =>
        {
            folder.Write("served/..2026_11_21_08_00_00.1/app", Content);
            File.CreateSymbolicLink(folder["served/..data"], "..2026_11_21_08_00_00.1");
            File.CreateSymbolicLink(folder["served/app"], "..data/app");
        });
        using var mounted = await served.GetAsync("app");

        mounted.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await AskRawAsync(served, "/..data/app")).ShouldMatch(@"\AHTTP/1\.1 (400|404)");
        (await AskRawAsync(served, "/..2026_11_21_08_00_00.1/app")).ShouldMatch(@"\AHTTP/1\.1 (400|404)");
    }

    [Fact]
    public async Task The_index_names_what_is_served()
    {
        await using var served = await StartAsync();
        using var response = await served.GetAsync("/");
        var index = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;

        response.Content.Headers.ContentType!.ToString().ShouldBe("application/json");
        index["files"]!.AsArray().Select(static file => (string)file!["path"]!).ShouldBe(["app.gtbundle", "link-in", "sub/inner.gtbundle", "with space é"]);
        index["files"]![0]!.ToJsonString().ShouldBe($$"""{"path":"app.gtbundle","size":5000,"digest":"{{Content.Digest()}}"}""");
        index["truncated"].ShouldBeNull();
    }

    [Fact]
    public async Task The_index_is_bounded()
    {
        await using var served = await StartAsync(maxIndexEntries: 2);
        using var response = await served.GetAsync("/");
        var index = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;

        index["files"]!.AsArray().Count.ShouldBe(2);
        ((bool)index["truncated"]!).ShouldBeTrue();
    }

    private static Task<ServedFixture> StartAsync(int maxIndexEntries = 100) => ServedFixture.StartAsync(
        static folder =>
        {
            folder.Write("secret", Secret);
            folder.Write("served/app.gtbundle", Content);
            folder.Write("served/sub/inner.gtbundle", Content);
            folder.Write("served/with space é", Content);
            folder.Write("served/.hidden", Secret);
            folder.Write("served/.git/config", Secret);
            File.CreateSymbolicLink(folder["served/link-in"], "sub/inner.gtbundle");
            File.CreateSymbolicLink(folder["served/link-out"], "../secret");
            File.CreateSymbolicLink(folder["served/link-to-hidden"], ".hidden");
            File.CreateSymbolicLink(folder["served/chain"], "link-out");
            File.CreateSymbolicLink(folder["served/dangling"], "nothing");
            Directory.CreateSymbolicLink(folder["served/folder-out"], "..");
            using var mkfifo = Process.Start("mkfifo", folder["served/pipe"]);
            mkfifo.WaitForExit();
        },
        options => options with { MaxIndexEntries = maxIndexEntries });

    /// <summary>Sends the target as it is; an ordinary client would tidy it up first.</summary>
    private static async Task<string> AskRawAsync(ServedFixture served, string target)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, served.Server.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
