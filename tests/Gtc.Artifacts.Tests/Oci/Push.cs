using Gtc.Artifacts.Oci;
using Gtc.Artifacts.Sources;
using Gtc.Artifacts.Tests.Sources;
using Gtc.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Artifacts.Tests.Oci;

/// <summary>Runs one push.</summary>
internal static class Push
{
    public static PullOptions Plain(string authority) => Pull.Quick with { InsecureRegistries = [authority] };

    public static PullOptions With(string username, string password) => Pull.Quick with { Credentials = new RegistryCredentials(username, password) };

    public static async Task<Outcome<PushedBundle>> RunAsync(
        string reference, byte[] content, PullOptions options, HttpMessageHandler? transport = null, string title = "app.gtbundle")
    {
        using var folder = new TempFolder();
        var pusher = new BundlePusher(TimeProvider.System, static () => 0, NullLogger.Instance, transport);
        var request = new PushRequest { Reference = reference, BundlePath = folder.Write(title, content), Options = options };
        return await pusher.PushAsync(request, null, TestContext.Current.CancellationToken);
    }
}
