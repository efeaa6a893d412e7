using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>A client certificate, told by one of its names. That an authority made it is found out when the connection is made.</summary>
/// <param name="Name">The kind of name and the name, e.g. <c>uri spiffe://acme/ci</c>.</param>
/// <param name="Actor">The name that goes into the audit log.</param>
/// <param name="Rule">What it permits.</param>
internal sealed record KnownCertificate(string Name, string Actor, AccessRule Rule)
{
    /// <summary>The names of a certificate, in the form of <see cref="Name"/>. A common name is not taken for a host's.</summary>
    public static ImmutableHashSet<string> NamesOf(X509Certificate2 certificate)
    {
        var names = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        if (SubjectName(certificate.SubjectName) is { } subject)
        {
            names.Add(subject);
        }

        if (certificate.Extensions.FirstOrDefault(extension => extension.Oid?.Value == "2.5.29.17") is { } alternatives)
        {
            AddAlternatives(alternatives.RawData, names);
        }

        return names.ToImmutable();
    }

    /// <summary>A distinguished name by what it says: texts may be encoded in several ways.</summary>
    public static string? SubjectName(X500DistinguishedName name)
    {
        try
        {
            var told = new StringBuilder();
            foreach (var part in name.EnumerateRelativeDistinguishedNames(reversed: false))
            {
                // With its length, so that no value can pass for several.
                var value = part.GetSingleElementValue() ?? throw new InvalidOperationException("A part of the name is no text.");
                told.Append(CultureInfo.InvariantCulture, $" {part.GetSingleElementType().Value}={value.Length}:{value}");
            }

            return told.Length == 0 ? null : $"subject{told}";
        }
        catch (Exception error) when (error is CryptographicException or InvalidOperationException)
        {
            // A part with several values, or with something else than text: no entry can name it.
            return null;
        }
    }

    /// <summary>DNS names and URIs of a SubjectAlternativeName (RFC 5280 §4.2.1.6).</summary>
    private static void AddAlternatives(byte[] der, ImmutableHashSet<string>.Builder names)
    {
        const int Dns = 2;
        const int Address = 6;
        try
        {
            for (var all = new AsnReader(der, AsnEncodingRules.DER).ReadSequence(); all.HasData;)
            {
                var tag = all.PeekTag();
                if (tag is { TagClass: TagClass.ContextSpecific, TagValue: Dns or Address })
                {
                    var text = all.ReadCharacterString(UniversalTagNumber.IA5String, tag);
                    names.Add(tag.TagValue == Dns ? $"dns {text.ToLowerInvariant()}" : $"uri {text}");
                }
                else
                {
                    all.ReadEncodedValue();
                }
            }
        }
        catch (AsnContentException)
        {
            // An authority that writes broken names vouches for none.
            names.Clear();
        }
    }
}

/// <summary>One client certificate of the file.</summary>
internal sealed record CertificateEntry : GrantEntry
{
    public required string Actor { get; init; }

    /// <summary>The subject as RFC 4514 has it, e.g. <c>CN=ci,O=acme</c>.</summary>
    public string? Subject { get; init; }

    /// <summary>A DNS name among the alternative names.</summary>
    public string? Dns { get; init; }

    /// <summary>A URI among the alternative names.</summary>
    public string? Uri { get; init; }

    public Outcome<KnownCertificate> Check(string where)
    {
        if (string.IsNullOrWhiteSpace(Actor))
        {
            return AccessFile.Broken("EmptyActor", $"{where}.actor must not be blank");
        }

        return new[] { Subject, Dns, Uri }.Count(name => !string.IsNullOrWhiteSpace(name)) == 1 && Told() is { } name
            ? Rule(where).Then<KnownCertificate>(rule => new KnownCertificate(name, Actor, rule))
            : AccessFile.Broken("InvalidCertificate", $"{where} must name one of subject (as in CN=ci,O=acme), dns and uri");
    }

    private string? Told()
    {
        try
        {
            return Dns is not null ? $"dns {Dns.ToLowerInvariant()}" : Uri is not null ? $"uri {Uri}" : KnownCertificate.SubjectName(new X500DistinguishedName(Subject!));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
