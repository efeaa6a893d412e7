using System.Globalization;
using Gtc.Artifacts.Packs;
using Gtc.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gtc.Runtime;

/// <summary>Answers with files of a revision's packs (RFC 9110: conditions, one range, HEAD).</summary>
/// <param name="live">What is served.</param>
internal sealed class StaticFiles(LiveServing live)
{
    private const string NotThere = "no such file";

    /// <summary>The deployment whose tenant a path names, when host and path do not lead to one that has the file's route.</summary>
    public DeploymentRoute? Named(IngressRequest request, string path)
    {
        if (!path.StartsWith(StaticRoute.Space, StringComparison.Ordinal))
        {
            return null;
        }

        var activation = live.Current.Activation;
        return activation.Table.Find(request.Host, request.Path) is { } route && Has(activation, route, route.BelowPrefix(path), mustName: false)
            ? null
            : activation.Table.Routes.FirstOrDefault(candidate => Has(activation, candidate, path, mustName: true));
    }

    /// <summary>The file that a request asks its revision for, or null.</summary>
    public static StaticTarget? Find(Seat seat, string path) => path.Contains(StaticRoute.Space, StringComparison.Ordinal)
        ? seat.Revision.Site.Find(seat.Route.BelowPrefix(path), seat.Route.Tenant) ?? seat.Revision.Site.Find(path, seat.Route.Tenant, mustName: true)
        : null;

    /// <summary>Answers.</summary>
    public static async Task AnswerAsync(IFeatureCollection context, Seat seat, StaticTarget target)
    {
        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        if (request.Method is not ("GET" or "HEAD"))
        {
            await Answer.OnlyAsync(context, "GET, HEAD", "files are served over GET");
            return;
        }

        var fields = context.GetRequiredFeature<IHttpResponseFeature>().Headers;
        if (target.UnclosedFolder is { } folder)
        {
            fields.Location = $"{Uri.EscapeDataString(folder)}/{request.QueryString}";
            await Answer.TextAsync(context, 307, "a folder ends with a slash");
            return;
        }

        if ((target.File ?? target.Fallback(request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))) is not { } member)
        {
            await Answer.TextAsync(context, 404, NotThere);
            return;
        }

        fields.XContentTypeOptions = "nosniff";
        fields.CacheControl = target.Route.MaxAge is { } age ? string.Create(CultureInfo.InvariantCulture, $"public, max-age={age.TotalSeconds:0}") : "private, no-cache";
        if (target.Route.MaxAge is null && seat.Cookies.Length > 0)
        {
            // A page and what it loads come from one revision. What everybody may keep must name nobody.
            fields.SetCookie = seat.Cookies;
        }

        await WriteAsync(context, seat.Revision.Site, target, member);
    }

    private static async Task WriteAsync(IFeatureCollection context, StaticSite site, StaticTarget target, string member)
    {
        var asked = context.GetRequiredFeature<IHttpRequestFeature>();
        var request = asked.Headers;
        var response = context.GetRequiredFeature<IHttpResponseFeature>();
        if (site.TagOf(target.Pack, member) is { } known && IsUnchanged(request.IfNoneMatch, known))
        {
            response.Headers.ETag = known;
            response.StatusCode = 304;
            return;
        }

        if (!target.Pack.Read(member, StaticSite.MaxBytes).TryGet(out var content, out _))
        {
            await Answer.TextAsync(context, 404, $"the file cannot be served; at most it may have {StaticSite.MaxBytes} bytes");
            return;
        }

        var tag = site.TagOf(target.Pack, member, content);
        response.Headers.ETag = tag;
        if (IsUnchanged(request.IfNoneMatch, tag))
        {
            response.StatusCode = 304;
            return;
        }

        response.Headers.AcceptRanges = "bytes";
        switch (asked.Method == "GET" ? Range(request, tag, content.Length) : null)
        {
            case null:
                await Answer.WriteAsync(context, 200, MediaTypes.Of(member), content);
                break;
            case { Length: 0 }:
                response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{content.Length}");
                await Answer.TextAsync(context, 416, "the range is not in the file");
                break;
            case var (start, length):
                response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {start}-{start + length - 1}/{content.Length}");
                await Answer.WriteAsync(context, 206, MediaTypes.Of(member), content.AsMemory(start, length));
                break;
        }
    }

    /// <summary>The one range that is asked for; null for the whole file, length 0 for none that is in it. Several ranges are answered with the whole file.</summary>
    private static (int Start, int Length)? Range(IHeaderDictionary request, string tag, int length)
    {
        if (!RangeHeaderValue.TryParse(request.Range.ToString(), out var asked) || asked.Unit != "bytes" || asked.Ranges.Count != 1
            || (request.IfRange.ToString() is { Length: > 0 } condition && condition != tag))
        {
            return null;
        }

        var range = asked.Ranges.First();
        var start = range.From ?? Math.Max(0, length - (range.To ?? 0));
        var end = range.From is null ? length - 1 : Math.Min(range.To ?? long.MaxValue, length - 1);
        return start < length && start <= end ? ((int)start, (int)(end - start + 1)) : (0, 0);
    }

    private static bool IsUnchanged(StringValues given, string tag) =>
        given.Count > 0 && EntityTagHeaderValue.TryParseList([.. given.Select(value => value ?? string.Empty)], out var tags)
        && tags.Any(candidate => candidate.Equals(EntityTagHeaderValue.Any) || candidate.Compare(new(tag), useStrongComparison: false));

    private static bool Has(Activation activation, DeploymentRoute route, string path, bool mustName) =>
        activation.Revisions.Any(revision => revision.Deployment == route.Deployment && revision.Site.Find(path, route.Tenant, mustName) is not null);
}
