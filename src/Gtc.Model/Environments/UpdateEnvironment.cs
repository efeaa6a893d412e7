using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>What <c>env update</c> asks for (environment-model.md §4.4). A member that is left out is kept.</summary>
public sealed record UpdateEnvironment
{
    /// <summary>The new name, or null to keep it.</summary>
    public string? Name { get; init; }

    /// <summary>The region label.</summary>
    [JsonConverter(typeof(FieldUpdateJson<string>))]
    public FieldUpdate<string> Region { get; init; }

    /// <summary>The owning tenant.</summary>
    [JsonConverter(typeof(FieldUpdateJson<string>))]
    public FieldUpdate<string> TenantOrgId { get; init; }

    /// <summary>An <c>ip:port</c>.</summary>
    [JsonConverter(typeof(FieldUpdateJson<string>))]
    public FieldUpdate<string> ListenAddr { get; init; }

    /// <summary>The public origin.</summary>
    [JsonConverter(typeof(FieldUpdateJson<string>))]
    public FieldUpdate<string> PublicBaseUrl { get; init; }

    /// <summary>Whether the web console is on.</summary>
    [JsonConverter(typeof(FieldUpdateJson<bool>))]
    public FieldUpdate<bool> GuiEnabled { get; init; }

    /// <summary>Parses the wire form, which is strict: a member that nobody knows is refused.</summary>
    public static Outcome<UpdateEnvironment> Parse(ReadOnlySpan<byte> utf8) => Authored.Parse(utf8, AuthoredJson.Default.UpdateEnvironment, "the update");

    /// <summary>The wire form.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, AuthoredJson.Default.UpdateEnvironment);

    /// <summary>The host after the patch, or which value is not of its form.</summary>
    internal Outcome<HostConfig> Patch(HostConfig host)
    {
        string? url = null;
        if (PublicBaseUrl.TryGet(out var wanted))
        {
            if (!Model.PublicBaseUrl.Parse(wanted!).TryGet(out url, out var refusal))
            {
                return new Refusal.InvalidArgument(refusal.Message);
            }
        }

        if (ListenAddr.TryGet(out var address) && !IsSocketAddress(address!))
        {
            return new Refusal.InvalidArgument($"listen_addr `{address}` must be ip:port, e.g. {HostConfig.DefaultListenAddr}");
        }

        return host with
        {
            Region = Patch(Region, host.Region),
            TenantOrgId = Patch(TenantOrgId, host.TenantOrgId),
            ListenAddr = Patch(ListenAddr, host.ListenAddr),
            PublicBaseUrl = url ?? Patch(PublicBaseUrl, host.PublicBaseUrl),
            GuiEnabled = GuiEnabled.TryGet(out var gui) ? gui : GuiEnabled.IsCleared ? null : host.GuiEnabled,
        };
    }

    /// <summary>True for an address and a port, e.g. <c>[::1]:9000</c>; host names are not addresses.</summary>
    internal static bool IsSocketAddress(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0
            && (text[0] == '[') == (text[colon - 1] == ']')
            && (text[0] == '[' || !text.AsSpan(0, colon).Contains(':'))
            && IPEndPoint.TryParse(text, out _);
    }

    private static string? Patch(FieldUpdate<string> update, string? present) =>
        update.TryGet(out var value) ? value : update.IsCleared ? null : present;
}
