using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>
/// The lists of a file, each made by one of the authorities whose certificates are believed. Nothing passes that no list speaks of: neither a certificate of an authority without one, nor
/// one of an authority whose list has ended.
/// </summary>
internal sealed class RevokedCertificates
{
    private const string Label = "X509 CRL";
    private const int MaxBytes = 16 << 20;
    private const int MostLinks = 8;

    /// <summary>How far the clock of an authority may be ahead.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private readonly ImmutableArray<CertificateList> _lists;
    private readonly X509Certificate2Collection _authorities;

    private RevokedCertificates(ImmutableArray<CertificateList> lists, X509Certificate2Collection authorities) => (_lists, _authorities) = (lists, authorities);

    /// <summary>How many certificates are on the lists.</summary>
    public int Count => _lists.Sum(list => list.Count);

    /// <summary>When the first of the lists ends.</summary>
    public DateTimeOffset Until => _lists.Min(list => list.Until);

    /// <summary>Reads the lists of a file.</summary>
    /// <param name="path">One or more lists in PEM.</param>
    /// <param name="authorities">The authorities that may have made them.</param>
    public static Outcome<RevokedCertificates> Read(string path, X509Certificate2Collection authorities)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: > MaxBytes } ? new Refusal.InvalidArgument($"{path} is larger than {MaxBytes:N0} bytes") : Read(path, File.ReadAllText(path), authorities);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.InvalidArgument($"{path} cannot be read: {error.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Why a certificate that an authority made is not believed, or null; and until when that holds.</summary>
    /// <param name="certificate">The certificate, whose chain was built.</param>
    /// <param name="now">The time.</param>
    public (string? Why, DateTimeOffset Until) Judge(X509Certificate2 certificate, DateTimeOffset now)
    {
        var (until, link) = (DateTimeOffset.MaxValue, certificate);
        for (var links = 0; links < MostLinks; links++)
        {
            if (link.SubjectName.RawData.AsSpan().SequenceEqual(link.IssuerName.RawData))
            {
                return (null, until);
            }

            var lists = _lists.Where(list => list.IsOf(link.IssuerName)).ToList();
            if (lists.Exists(list => list.Has(link)))
            {
                return (links == 0 ? "the client certificate is revoked" : "an authority of the client certificate is revoked", until);
            }

            var counting = lists.Where(list => list.From - Skew <= now && now < list.Until).ToList();
            if (counting.Count == 0)
            {
                return (lists.Count == 0 ? "no list says whether the client certificate is revoked" : "the list that says whether the client certificate is revoked has ended", until);
            }

            var end = counting.Max(list => list.Until);
            until = end < until ? end : until;
            link = _authorities.First(authority => authority.SubjectName.RawData.AsSpan().SequenceEqual(link.IssuerName.RawData));
        }

        return ("too many authorities stand between the client certificate and one that is believed", until);
    }

    private static Outcome<RevokedCertificates> Read(string path, string pem, X509Certificate2Collection authorities)
    {
        var lists = ImmutableArray.CreateBuilder<CertificateList>();
        for (var rest = pem.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
        {
            if (!rest[fields.Label].SequenceEqual(Label))
            {
                continue;
            }

            if (!CertificateList.Parse(Convert.FromBase64String(rest[fields.Base64Data].ToString())).TryGet(out var list, out var refusal))
            {
                return new Refusal.InvalidArgument($"{path}: {refusal.Message}");
            }

            if (!authorities.Any(list.IsBy))
            {
                return new Refusal.InvalidArgument($"{path}: list {lists.Count + 1} of revoked certificates was not made by one of the authorities whose certificates are believed");
            }

            lists.Add(list);
        }

        return lists.Count > 0 ? new RevokedCertificates(lists.ToImmutable(), authorities) : new Refusal.InvalidArgument($"{path} holds no list of revoked certificates in PEM ({Label})");
    }
}
