using Gtc.Model;

namespace Gtc.Store;

/// <summary>Who asks an S3-compatible endpoint. Never printed, never from an argument: from variables, or from a file in the format of the AWS tools.</summary>
public sealed record S3Credentials
{
    private const int MaxFileBytes = 64 << 10;

    /// <summary>The access key's id.</summary>
    public required string AccessKeyId { get; init; }

    /// <summary>The secret that requests are signed with.</summary>
    public required string SecretAccessKey { get; init; }

    /// <summary>The token of a session, or null.</summary>
    public string? SessionToken { get; init; }

    /// <summary>Finds them: the file when one is named, else <c>AWS_ACCESS_KEY_ID</c>, <c>AWS_SECRET_ACCESS_KEY</c> and <c>AWS_SESSION_TOKEN</c>, else the file that <c>AWS_SHARED_CREDENTIALS_FILE</c> names.</summary>
    /// <param name="file">A file that was named, absolute, or null.</param>
    /// <param name="variable">Reads an environment variable.</param>
    public static Outcome<S3Credentials> Find(string? file, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (file is null && variable("AWS_ACCESS_KEY_ID") is { Length: > 0 } id && variable("AWS_SECRET_ACCESS_KEY") is { Length: > 0 } secret)
        {
            return new S3Credentials { AccessKeyId = id, SecretAccessKey = secret, SessionToken = variable("AWS_SESSION_TOKEN") is { Length: > 0 } token ? token : null };
        }

        return (file ?? variable("AWS_SHARED_CREDENTIALS_FILE")) is { Length: > 0 } path
            ? Read(path)
            : new Refusal.InvalidArgument("there are no credentials for the bucket: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY nor a file of them is given")
            {
                Next = "gtc store backup s3://BUCKET/KEY --s3-credentials ~/.aws/credentials",
            };
    }

    /// <summary>The key's id; never the secret.</summary>
    public override string ToString() => AccessKeyId;

    private static Outcome<S3Credentials> Read(string path)
    {
        string[] lines;
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > MaxFileBytes)
            {
                return new Refusal.FileFailed($"{path} has {file.Length:N0} bytes, the most is {MaxFileBytes:N0}");
            }

            lines = File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"the credentials for the bucket could not be read: {error.Message.TrimEnd('.')}");
        }

        // The profile `default`, which a file without profiles is too.
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var isDefault = true;
        foreach (var line in lines.Select(line => line.Trim()))
        {
            if (line.StartsWith('['))
            {
                isDefault = line == "[default]";
            }
            else if (isDefault && !line.StartsWith('#') && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
            {
                values[line[..at].Trim()] = line[(at + 1)..].Trim();
            }
        }

        return values.GetValueOrDefault("aws_access_key_id") is { Length: > 0 } id && values.GetValueOrDefault("aws_secret_access_key") is { Length: > 0 } secret
            ? new S3Credentials { AccessKeyId = id, SecretAccessKey = secret, SessionToken = values.GetValueOrDefault("aws_session_token") is { Length: > 0 } token ? token : null }
            : new Refusal.InvalidArgument($"{path} has no aws_access_key_id and aws_secret_access_key in its profile `default`");
    }
}
