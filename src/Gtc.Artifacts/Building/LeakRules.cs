using System.Text.RegularExpressions;

namespace Gtc.Artifacts.Building;

/// <summary>A kind of secret that is known by its looks.</summary>
/// <param name="Name">What findings call it.</param>
/// <param name="Pattern">Every repetition in it is bounded. The group <c>secret</c>, or else the whole match, is what must not be shown.</param>
/// <param name="IsGeneric">True when only the name before it speaks for a secret, so that the value must look random too.</param>
internal sealed record LeakRule(string Name, Regex Pattern, bool IsGeneric = false);

/// <summary>The looks of secrets. A rule that cries wolf is worse than none, so each wants a prefix of its own or a telling name.</summary>
internal static partial class LeakRules
{
    /// <summary>The longest text that a rule may match, in characters.</summary>
    public const int MaxMatch = 4096;

    /// <summary>Rules for every file, text or not.</summary>
    public static LeakRule[] Everywhere { get; } =
    [
        new("private-key", PrivateKey()),
        new("aws-access-key", AwsAccessKey()),
        new("aws-secret-key", AwsSecretKey()),
        new("github-token", GitHubToken()),
        new("gitlab-token", GitLabToken()),
        new("slack-token", SlackToken()),
        new("slack-webhook", SlackWebhook()),
        new("telegram-bot-token", TelegramToken()),
        new("stripe-key", StripeKey()),
        new("google-api-key", GoogleKey()),
        new("llm-api-key", LlmKey()),
        new("json-web-token", JsonWebToken()),
        new("dev-secrets-file", DevSecrets()),
    ];

    /// <summary>The rule for configuration: <c>password</c>, <c>token</c> and the like, with a value that looks random.</summary>
    public static LeakRule Generic { get; } = new("secret-value", NamedValue(), IsGeneric: true);

    /// <summary>Whether a file is read by people as configuration, so that <see cref="Generic"/> makes sense.</summary>
    public static bool IsConfiguration(string path) =>
        Path.GetExtension(path).ToLowerInvariant() is ".yaml" or ".yml" or ".json" or ".jsonc" or ".env" or ".toml" or ".ini" or ".properties" or ".conf" or ".cfg" or ".ygtc"
        || IsDotenv(path);

    /// <summary>Whether a file holds variables for a process; examples and templates of such files are fine.</summary>
    public static bool IsDotenv(string path)
    {
        var name = Path.GetFileName(path);
        return name == ".env"
            || (name.StartsWith(".env.", StringComparison.Ordinal) && name[5..] is not ("example" or "sample" or "template" or "dist" or "defaults"));
    }

    /// <summary>Whether a value is worth the name: not a placeholder, a reference, an address or a few words.</summary>
    public static bool LooksRandom(string value)
    {
        string[] references = ["secret:", "secrets:", "runtime:", "env:", "file:", "http:", "https:", "oci:", "sha256:", "sha512-", "$", "<", "%", "/", "./", "../"];
        if (references.Any(prefix => value.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) || value.Contains("example", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var isWords = value.Split('-', '_', '.', '/', ':', '@').All(part => part.All(char.IsAsciiLetter) || part.TrimStart('v').All(char.IsAsciiDigit));
        return !isWords && value.Any(char.IsAsciiDigit) && value.Any(char.IsAsciiLetter) && Entropy(value) >= 3.3;
    }

    /// <summary>Whether a token is one of documentation: <c>AKIAXXXXXXXXXXXXXXXX</c>, <c>…EXAMPLE</c>.</summary>
    public static bool IsPlaceholder(string token)
    {
        const int FewestDifferent = 8;
        return token.Contains("EXAMPLE", StringComparison.OrdinalIgnoreCase) || token.Distinct().Count() < FewestDifferent;
    }

    /// <summary>Bits per character (Shannon), from how often each occurs.</summary>
    private static double Entropy(string text) =>
        -text.GroupBy(character => character).Select(group => (double)group.Count() / text.Length).Sum(share => share * Math.Log2(share));

    [GeneratedRegex("""-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}(?:PRIVATE KEY(?: BLOCK)?|NKEY SEED)-----(?:\\[nr]|[\s"'+,]){1,48}(?:[A-Za-z-]{1,24}: [^\n\\]{1,100}(?:\\[nr]|\s){1,48}){0,4}[A-Za-z0-9+/=]{40}""")]
    private static partial Regex PrivateKey();

    [GeneratedRegex("(?<![A-Za-z0-9])A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Za-z0-9])")]
    private static partial Regex AwsAccessKey();

    [GeneratedRegex("""(?i:aws_?(?:secret|session)?_?(?:access)?_?key)["']?[ \t]{0,8}[:=][ \t]{0,8}["']?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])""")]
    private static partial Regex AwsSecretKey();

    [GeneratedRegex("(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{36,255})")]
    private static partial Regex GitHubToken();

    [GeneratedRegex("(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20,64}")]
    private static partial Regex GitLabToken();

    [GeneratedRegex("(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{20,200}")]
    private static partial Regex SlackToken();

    [GeneratedRegex("hooks\\.slack\\.com/services/(?<secret>T[A-Z0-9]{6,14}/B[A-Z0-9]{6,14}/[A-Za-z0-9]{20,32})")]
    private static partial Regex SlackWebhook();

    [GeneratedRegex("(?<![A-Za-z0-9])[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])")]
    private static partial Regex TelegramToken();

    [GeneratedRegex("(?<![A-Za-z0-9])(?:sk_live_|rk_live_|whsec_)[A-Za-z0-9]{16,200}")]
    private static partial Regex StripeKey();

    [GeneratedRegex("(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])")]
    private static partial Regex GoogleKey();

    [GeneratedRegex("(?<![A-Za-z0-9])sk-(?:ant-|proj-)[A-Za-z0-9_-]{32,200}")]
    private static partial Regex LlmKey();

    [GeneratedRegex("(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,1000}\\.eyJ[A-Za-z0-9_-]{10,1800}\\.[A-Za-z0-9_-]{20,700}")]
    private static partial Regex JsonWebToken();

    [GeneratedRegex("SECRETS_BACKEND_STATE=[A-Za-z0-9+/]{40}")]
    private static partial Regex DevSecrets();

    [GeneratedRegex("""(?:password|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|signing[_-]?key|master[_-]?key)["']?[ \t]{0,8}[:=][ \t]{0,8}["']?(?<secret>[^\s"',;#{}\[\]]{16,256})""", RegexOptions.IgnoreCase)]
    private static partial Regex NamedValue();
}
