using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gtc.Model;
using Gtc.Routing;
using Microsoft.AspNetCore.Http.Features;

namespace Gtc.Runtime;

/// <summary>The console that the worker serves to browsers on its own machine (messaging.md §6): one page, and the script that shows cards. Nothing of it comes from elsewhere.</summary>
internal sealed class ChatConsole
{
    /// <summary>Where the page is.</summary>
    public const string Path = "/chat";

    /// <summary>Where its script for cards is.</summary>
    public const string CardsPath = "/adaptivecards.min.js";

    private const string Html = "text/html; charset=utf-8";
    private const string Script = "application/javascript; charset=utf-8";

    private readonly Func<EnvironmentDocument> _document;
    private readonly Func<RoutingTable> _table;
    private readonly WorkerOptions _options;
    private readonly bool _isOn;
    private readonly Lazy<Assets> _assets = new(Assets.Read);

    /// <summary>Makes it. Whether it is on is decided once: a change takes effect at the next start.</summary>
    public ChatConsole(Func<EnvironmentDocument> document, Func<RoutingTable> table, WorkerOptions options)
    {
        _document = document;
        _table = table;
        _options = options;
        _isOn = document().HostConfig.ResolveGuiEnabled();
    }

    /// <summary>Whether it is on.</summary>
    public bool IsOn => _isOn;

    /// <summary>Serves it, when the console is on and the peer is believed.</summary>
    /// <returns>Null when the path is as good as any other for this peer.</returns>
    public Task? Serve(IFeatureCollection context)
    {
        if (!_isOn || !new IngressRequest(context, _options).Identity.IsTrusted)
        {
            return null;
        }

        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        if (request.Method is not ("GET" or "HEAD"))
        {
            return Answer.OnlyAsync(context, "GET", "the webchat console is served over GET");
        }

        var assets = _assets.Value;
        var fields = context.GetRequiredFeature<IHttpResponseFeature>().Headers;
        fields.XFrameOptions = "DENY";
        fields.ContentSecurityPolicy = assets.Policy;
        fields.XContentTypeOptions = "nosniff";
        fields["Referrer-Policy"] = "no-referrer";
        fields.CacheControl = "no-store";
        return request.Path == Path
            ? Answer.WriteAsync(context, 200, Html, assets.PageFor(_options.Environment, Tenants()))
            : Answer.WriteAsync(context, 200, Script, assets.Cards);
    }

    /// <summary>The environment's own tenant first, then those of other deployments.</summary>
    private IEnumerable<string> Tenants()
    {
        var usual = _document().HostConfig.TenantOrgId?.Trim() is { Length: > 0 } owner ? owner : TenantSelector.Default.Tenant;
        return _table().Routes.Select(route => route.Tenant.Tenant).Where(tenant => tenant.Length > 0).Order(StringComparer.Ordinal).Prepend(usual).Distinct();
    }

    private sealed record Assets(string Page, byte[] Cards, string Policy)
    {
        public static Assets Read()
        {
            var style = Text("page.css");
            var script = Text("page.js");
            var page = Text("page.html").Replace("{{style}}", style, StringComparison.Ordinal).Replace("{{script}}", script, StringComparison.Ordinal);
            var policy = $"default-src 'none'; script-src 'self' '{Digest(script)}'; style-src '{Digest(style)}'; img-src https: http: data:; connect-src 'self'; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
            return new(page, Encoding.UTF8.GetBytes(Text("cards.js")), policy);
        }

        public byte[] PageFor(EnvId environment, IEnumerable<string> tenants)
        {
            var choices = string.Concat(tenants.Select(tenant => $"<option>{WebUtility.HtmlEncode(tenant)}</option>"));
            return Encoding.UTF8.GetBytes(Page
                .Replace("{{environment}}", WebUtility.HtmlEncode(environment.ToString()), StringComparison.Ordinal)
                .Replace("{{tenants}}", choices, StringComparison.Ordinal));
        }

        private static string Digest(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

        private static string Text(string name)
        {
            using var reader = new StreamReader(typeof(Assets).Assembly.GetManifestResourceStream($"console/{name}")!, Encoding.UTF8);
            return reader.ReadToEnd();
        }
    }
}
