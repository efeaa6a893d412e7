using Gtc.Artifacts.Distributor;
using Gtc.Artifacts.Tests.Sources;

namespace Gtc.Artifacts.Tests.Distributor;

/// <summary>A folder being served, and a client without opinions.</summary>
internal sealed class ServedFixture : IAsyncDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    private ServedFixture(TempFolder folder, DistributorServer server) => (Folder, Server) = (folder, server);

    public TempFolder Folder { get; }

    public DistributorServer Server { get; }

    public static async Task<ServedFixture> StartAsync(Action<TempFolder> fill, Func<DistributorOptions, DistributorOptions>? configure = null)
    {
        var folder = new TempFolder();
        Directory.CreateDirectory(folder["served"]);
        fill(folder);
        var options = new DistributorOptions { Folder = folder["served"] };
        var server = (await DistributorServer.StartAsync(configure?.Invoke(options) ?? options, TestContext.Current.CancellationToken)).Value;
        return new ServedFixture(folder, server);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(Server.Address, path));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, headers);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Server.DisposeAsync();
        Folder.Dispose();
    }
}
