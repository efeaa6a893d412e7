using Gtc.Signing;

namespace Gtc.Nats;

/// <summary>Says anew for each connection who connects; a JWT that ran out is replaced here. Whoever makes a key disposes of it.</summary>
/// <returns>The credentials, or why there are none at present: the connection tries again later.</returns>
public delegate ValueTask<NatsResult<NatsCredentials>> NatsCredentialSource(CancellationToken cancellationToken);

/// <summary>Who connects. A closed family.</summary>
public abstract class NatsCredentials
{
    private NatsCredentials()
    {
    }

    /// <summary>Nobody in particular.</summary>
    public static NatsCredentials None { get; } = new Anonymous();

    /// <summary>Reads a <c>.creds</c> file.</summary>
    /// <returns>A JWT and its key, or why there are none.</returns>
    public static async Task<NatsResult<NatsCredentials>> FromFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            if (new FileInfo(path).Length > NkeyCredentials.MaxLength)
            {
                return new NatsError(NatsErrorKind.Invalid, $"{path} is no credentials file: it is larger than {NkeyCredentials.MaxLength:N0} bytes");
            }

            var read = NkeyCredentials.Parse(await File.ReadAllTextAsync(path, cancellationToken));
            return read.TryGet(out var credentials, out var error)
                ? new Jwt(credentials.Jwt, credentials.Key)
                : new NatsError(NatsErrorKind.Invalid, $"{path} cannot be used: {error.Message}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new NatsError(NatsErrorKind.Invalid, $"the credentials file cannot be read: {error.Message}");
        }
    }

    /// <summary>Adds what proves the identity to CONNECT.</summary>
    internal abstract ClientHello Prove(ClientHello hello, byte[]? nonce);

    /// <summary>A name and a password.</summary>
    public sealed class UserPassword(string user, string password) : NatsCredentials
    {
        internal override ClientHello Prove(ClientHello hello, byte[]? nonce) => hello with { User = user, Password = password };
    }

    /// <summary>A shared token.</summary>
    public sealed class Token(string token) : NatsCredentials
    {
        internal override ClientHello Prove(ClientHello hello, byte[]? nonce) => hello with { Token = token };
    }

    /// <summary>A key that the server knows.</summary>
    public sealed class Nkey(NkeyPair key) : NatsCredentials
    {
        internal override ClientHello Prove(ClientHello hello, byte[]? nonce) =>
            hello with { Nkey = key.PublicKey.Text, Signature = nonce is null ? null : key.SignToText(nonce) };
    }

    /// <summary>A JWT that an account of the server signed, and the key that it names.</summary>
    public sealed class Jwt(string jwt, NkeyPair key) : NatsCredentials
    {
        /// <summary>The JWT; it says who the user is and is no secret without the key.</summary>
        public string Text => jwt;

        internal override ClientHello Prove(ClientHello hello, byte[]? nonce) => hello with { Jwt = jwt, Signature = nonce is null ? null : key.SignToText(nonce) };
    }

    private sealed class Anonymous : NatsCredentials
    {
        internal override ClientHello Prove(ClientHello hello, byte[]? nonce) => hello;
    }
}
