using System.Reflection;
using System.Runtime.InteropServices;

namespace Gtc.Signing;

/// <summary>The part of OpenSSL's libcrypto that Ed25519 needs; the base library has none (OpenSSL 1.1.1 and later do).</summary>
internal static unsafe partial class LibCrypto
{
    /// <summary>NID_ED25519 of obj_mac.h.</summary>
    public const int Ed25519 = 1087;

    private const string Library = "libcrypto";

    private static readonly string[] Candidates = ["libcrypto.so.3", "libcrypto.so.1.1"];

#pragma warning disable CA1810 // The resolver must be in place before the first call; a field initializer cannot do that.
    static LibCrypto() => NativeLibrary.SetDllImportResolver(typeof(LibCrypto).Assembly, Resolve);
#pragma warning restore CA1810

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    public static partial KeyHandle NewPrivateKey(int type, nint engine, byte* key, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    public static partial KeyHandle NewPublicKey(int type, nint engine, byte* key, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    public static partial int GetPublicKey(KeyHandle key, byte* destination, nuint* length);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_new")]
    public static partial DigestHandle NewDigest();

    [LibraryImport(Library, EntryPoint = "EVP_DigestSignInit")]
    public static partial int SignInit(DigestHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestSign")]
    public static partial int Sign(DigestHandle context, byte* signature, nuint* signatureLength, byte* message, nuint messageLength);

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerifyInit")]
    public static partial int VerifyInit(DigestHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerify")]
    public static partial int Verify(DigestHandle context, byte* signature, nuint signatureLength, byte* message, nuint messageLength);

    /// <summary>Empties the thread's error queue, which the base library's own cryptography reads too.</summary>
    [LibraryImport(Library, EntryPoint = "ERR_clear_error")]
    public static partial void ClearErrors();

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_free")]
    private static partial void FreeKey(nint key);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_free")]
    private static partial void FreeDigest(nint context);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return 0;
        }

        foreach (var candidate in Candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out var handle))
            {
                return handle;
            }
        }

        throw new DllNotFoundException(
            $"Ed25519 needs OpenSSL 1.1.1 or later; none of {string.Join(", ", Candidates)} could be loaded. Install the package libssl3 (Debian, Ubuntu) or openssl-libs (Fedora).");
    }

    /// <summary>Owns an EVP_PKEY.</summary>
    internal sealed class KeyHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeKey(handle);
            return true;
        }
    }

    /// <summary>Owns an EVP_MD_CTX.</summary>
    internal sealed class DigestHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeDigest(handle);
            return true;
        }
    }
}
