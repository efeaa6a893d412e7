using System.Collections.Immutable;

namespace Gtc.Signing;

/// <summary>Why a key, an envelope or a trust root was refused (trust-and-signing.md §3 and §4.1). The .NET type is the kind; the text is for people.</summary>
/// <param name="Message">One sentence without a final full stop. Never holds key material.</param>
public abstract record SigningError(string Message)
{
    /// <summary>The kind in the specification's spelling, e.g. <c>NoTrustedKey</c>.</summary>
    public string Kind => GetType().Name;

    /// <summary>A key, or a signature made with one, is not of the expected form.</summary>
    /// <param name="Detail">What was expected and what was found.</param>
    public sealed record KeyDecode(string Detail) : SigningError(Detail);

    /// <summary>The envelope is not a DSSE JSON document.</summary>
    /// <param name="Detail">What is wrong, and where.</param>
    public sealed record MalformedEnvelope(string Detail) : SigningError($"the signature envelope cannot be read: {Detail}");

    /// <summary>The envelope carries something else than an in-toto statement.</summary>
    /// <param name="Found">The type that it names.</param>
    public sealed record UnsupportedPayloadType(string Found)
        : SigningError($"the envelope's payload type is `{Found}`, `{DsseEnvelope.InTotoPayloadType}` was expected");

    /// <summary>The signed payload is not an in-toto statement.</summary>
    /// <param name="Detail">What is wrong.</param>
    public sealed record MalformedStatement(string Detail) : SigningError($"the signed statement cannot be read: {Detail}");

    /// <summary>A member is not standard base64 with padding.</summary>
    /// <param name="Field"><c>payload</c> or <c>signature</c>.</param>
    public sealed record Base64(string Field) : SigningError($"the envelope's {Field} is not standard base64 with padding");

    /// <summary>No signature is by a trusted key.</summary>
    /// <param name="Tried">The key ids that the envelope names.</param>
    public sealed record NoTrustedKey(ImmutableArray<string> Tried)
        : SigningError(Tried.IsEmpty ? "the envelope has no signature" : $"no trusted key made a signature; the envelope names {string.Join(", ", Tried)}");

    /// <summary>A trusted key is named, but its signature does not fit the payload.</summary>
    /// <param name="KeyId">The key.</param>
    public sealed record SignatureInvalid(string KeyId) : SigningError($"the signature by trusted key {KeyId} does not fit the signed bytes");

    /// <summary>The statement is about other bytes.</summary>
    /// <param name="Statement">The SHA-256 that the statement names, in hex.</param>
    /// <param name="Artifact">The SHA-256 of the bytes at hand, in hex.</param>
    public sealed record SubjectDigestMismatch(string Statement, string Artifact)
        : SigningError($"the statement is about sha256 {Statement}, the artifact has sha256 {Artifact}");

    /// <summary>The statement names no SHA-256.</summary>
    public sealed record NoSubjectDigest() : SigningError("no subject of the statement has a sha256 digest");

    /// <summary>A key id is blank.</summary>
    public sealed record EmptyKeyId() : SigningError("the key id is blank, 32 hex digits were expected");

    /// <summary>A public key in a trust root cannot be read.</summary>
    /// <param name="Detail">What was expected and what was found.</param>
    public sealed record Key(string Detail) : SigningError(Detail);

    /// <summary>A key id does not belong to its key.</summary>
    /// <param name="Supplied">The id as it was given.</param>
    /// <param name="Derived">The id of the key.</param>
    public sealed record KeyIdMismatch(string Supplied, string Derived)
        : SigningError($"key id `{Supplied}` does not belong to the key, whose id is {Derived}");

    /// <summary>A trust root of an unknown schema.</summary>
    /// <param name="Found">What its <c>schema</c> says.</param>
    public sealed record BadSchema(string Found) : SigningError($"the trust root's schema is `{Found}`, `{TrustRoot.SchemaId}` was expected");

    /// <summary>A trust root that is not such a JSON document.</summary>
    /// <param name="Detail">What is wrong, and where.</param>
    public sealed record MalformedTrustRoot(string Detail) : SigningError($"the trust root cannot be read: {Detail}");

    /// <summary>A text is not an identifier of the method <c>did:web</c>.</summary>
    /// <param name="Found">The text.</param>
    /// <param name="Detail">What is wrong.</param>
    public sealed record MalformedDid(string Found, string Detail) : SigningError($"`{Found}` is not a did:web identifier: {Detail}");

    /// <summary>A DID document cannot be used.</summary>
    /// <param name="Detail">What is wrong.</param>
    public sealed record MalformedDidDocument(string Detail) : SigningError($"the DID document cannot be used: {Detail}");

    /// <summary>A token is not a JSON web token of the form that is accepted, or its claims are not.</summary>
    /// <param name="Detail">What is wrong.</param>
    public sealed record MalformedToken(string Detail) : SigningError($"the token cannot be read: {Detail}");

    /// <summary>A token is well formed, and says that it is meant for another audience or another time.</summary>
    /// <param name="Detail">What was expected and what was found.</param>
    public sealed record TokenRefused(string Detail) : SigningError($"the token is refused: {Detail}");

    /// <summary>A JSON web key set cannot be used.</summary>
    /// <param name="Detail">What is wrong.</param>
    public sealed record MalformedKeySet(string Detail) : SigningError($"the key set cannot be used: {Detail}");
}
