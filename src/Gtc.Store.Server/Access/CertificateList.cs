using System.Collections.Frozen;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>A list of certificates that an authority took back, a CRL (RFC 5280 §5). Whole lists of one authority are read; what is critical in one and not known here makes it unusable.</summary>
internal sealed class CertificateList
{
    private const string Ecdsa = "1.2.840.10045.4.3.";
    private const string Rsa = "1.2.840.113549.1.1.";

    private readonly byte[] _issuer;
    private readonly FrozenSet<string> _serials;
    private readonly ReadOnlyMemory<byte> _signed;
    private readonly string _algorithm;
    private readonly byte[] _signature;

    private CertificateList(byte[] issuer, DateTimeOffset from, DateTimeOffset until, IEnumerable<string> serials, ReadOnlyMemory<byte> signed, string algorithm, byte[] signature)
    {
        (_issuer, From, Until, _signed, _algorithm, _signature) = (issuer, from, until, signed, algorithm, signature);
        _serials = serials.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>When it was made.</summary>
    public DateTimeOffset From { get; }

    /// <summary>When the next one is due; it counts until then.</summary>
    public DateTimeOffset Until { get; }

    /// <summary>How many certificates are on it.</summary>
    public int Count => _serials.Count;

    /// <summary>Reads a list; whether its authority made it is not looked at.</summary>
    public static Outcome<CertificateList> Parse(ReadOnlyMemory<byte> der)
    {
        try
        {
            return Read(der);
        }
        catch (Exception error) when (error is AsnContentException or FormatException)
        {
            return new Refusal.InvalidArgument($"a list of revoked certificates cannot be used: {error.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Whether it speaks of certificates that have this issuer.</summary>
    public bool IsOf(X500DistinguishedName issuer) => issuer.RawData.AsSpan().SequenceEqual(_issuer);

    /// <summary>Whether a certificate of its authority is on it.</summary>
    public bool Has(X509Certificate2 certificate) => _serials.Contains(Serial(certificate.SerialNumberBytes.Span));

    /// <summary>Whether an authority made it.</summary>
    public bool IsBy(X509Certificate2 authority)
    {
        if (!IsOf(authority.SubjectName) || authority.Extensions.OfType<X509KeyUsageExtension>().Any(usage => !usage.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign)))
        {
            return false;
        }

        try
        {
            using var ecdsa = authority.GetECDsaPublicKey();
            using var rsa = authority.GetRSAPublicKey();
            return Hash(Ecdsa, 2) is { } ecdsaHash ? ecdsa?.VerifyData(_signed.Span, _signature, ecdsaHash, DSASignatureFormat.Rfc3279DerSequence) == true
                : Hash(Rsa, 11) is { } rsaHash && rsa?.VerifyData(_signed.Span, _signature, rsaHash, RSASignaturePadding.Pkcs1) == true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static CertificateList Read(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var list = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var signed = list.PeekEncodedValue();
        var body = list.ReadSequence();
        var algorithm = list.ReadEncodedValue();
        var signature = list.ReadBitString(out var unused);
        list.ThrowIfNotEmpty();
        if (unused != 0 || (body.PeekTag() == Asn1Tag.Integer && body.ReadInteger() != 1) || !body.ReadEncodedValue().Span.SequenceEqual(algorithm.Span))
        {
            throw new FormatException("it is of an unknown version, or names two algorithms");
        }

        var issuer = body.ReadEncodedValue().ToArray();
        var from = Time(body) ?? throw new FormatException("it does not say when it was made");
        var until = Time(body) ?? throw new FormatException("it does not say until when it counts");
        var serials = new List<string>();
        if (body.HasData && body.PeekTag() == Asn1Tag.Sequence)
        {
            for (var entries = body.ReadSequence(); entries.HasData;)
            {
                var entry = entries.ReadSequence();
                serials.Add(Serial(entry.ReadIntegerBytes().Span));
                _ = Time(entry);
                if (entry.HasData)
                {
                    Check(entry.ReadSequence());
                }
            }
        }

        if (body.HasData)
        {
            Check(body.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence());
        }

        body.ThrowIfNotEmpty();
        return new CertificateList(issuer, from, until, serials, signed, new AsnReader(algorithm, AsnEncodingRules.DER).ReadSequence().ReadObjectIdentifier(), signature);
    }

    private static DateTimeOffset? Time(AsnReader reader) => !reader.HasData ? null
        : reader.PeekTag() == Asn1Tag.UtcTime ? reader.ReadUtcTime()
        : reader.PeekTag() == Asn1Tag.GeneralizedTime ? reader.ReadGeneralizedTime()
        : null;

    /// <summary>A list of changes, one of some reasons only, or one of several authorities says so in what is critical.</summary>
    private static void Check(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var id = extension.ReadObjectIdentifier();
            if (extension.PeekTag() == Asn1Tag.Boolean && extension.ReadBoolean())
            {
                throw new FormatException($"its critical extension {id} is not known here");
            }
        }
    }

    private static string Serial(ReadOnlySpan<byte> bigEndian) => Convert.ToHexStringLower(bigEndian.TrimStart((byte)0));

    /// <summary>The hash of an algorithm of a family, whose members are numbered by it.</summary>
    private HashAlgorithmName? Hash(string family, int first) => _algorithm == $"{family}{first}" ? HashAlgorithmName.SHA256
        : _algorithm == $"{family}{first + 1}" ? HashAlgorithmName.SHA384
        : _algorithm == $"{family}{first + 2}" ? HashAlgorithmName.SHA512
        : null;
}
