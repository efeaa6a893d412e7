using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gtc.Kubernetes;

/// <summary>How a cluster is reached and as whom: one context of a kubeconfig, or the account of a pod.</summary>
public sealed record KubeConfig
{
    private const int MaxBytes = 4 * 1024 * 1024;
    private const string AccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The server.</summary>
    public required Uri Server { get; init; }

    /// <summary>Who may sign the server's certificate; null for the system's authorities.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>The name that the server's certificate must have, when it is not the address's.</summary>
    public string? ServerName { get; init; }

    /// <summary>Whether the server's certificate is not checked. Only a kubeconfig that says so itself sets it.</summary>
    public bool IsUnchecked { get; init; }

    /// <summary>The proxy that leads to the server, <c>http</c>, <c>https</c> or <c>socks5</c>; null for what <c>HTTPS_PROXY</c> and <c>NO_PROXY</c> say.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The certificate that the client shows, or null.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>A bearer token, or null.</summary>
    public string? Token { get; init; }

    /// <summary>A file whose content is the bearer token; read anew for each connection, since kubelets replace it.</summary>
    public string? TokenFile { get; init; }

    /// <summary>A program that prints a token (client.authentication.k8s.io), or null.</summary>
    public ExecCredential? Exec { get; init; }

    /// <summary>
    /// Gives the credentials anew after the server did not know the caller (401); null when there are no others. What <see cref="Find"/> read from files
    /// is read from them again; token files and programs are asked again without this.
    /// </summary>
    public Func<CancellationToken, Task<KubeResult<KubeConfig>>>? Renew { get; init; }

    /// <summary>The namespace of the context, or null.</summary>
    public string? Namespace { get; init; }

    /// <summary>Puts something between the client and its connections, e.g. to count or to fail calls; null for nothing.</summary>
    public Func<HttpMessageHandler, HttpMessageHandler>? Around { get; init; }

    /// <summary>
    /// Finds a context: in the files of <c>KUBECONFIG</c>, the first one that has it winning, else in <c>~/.kube/config</c>; without any file, the
    /// account of the pod that this runs in.
    /// </summary>
    /// <param name="context">The context's name; null for the current one.</param>
    /// <param name="variable">Reads an environment variable.</param>
    public static KubeResult<KubeConfig> Find(string? context, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var files = variable("KUBECONFIG") is { Length: > 0 } list
            ? list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            : [Path.Combine(variable("HOME") ?? "/", ".kube", "config")];
        var present = files.Where(File.Exists).ToList();
        try
        {
            return present.Count > 0 ? Read(present, context, variable) : InPod(context, variable);
        }
        catch (Exception error) when (error is YamlException or IOException or UnauthorizedAccessException or CryptographicException or FormatException)
        {
            return new KubeError(KubeErrorKind.Unavailable, $"no cluster access: {string.Join(", ", present)} cannot be read: {error.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>The same server as somebody else: only a token is left of who the client was (k8s-deployer.md §13.1).</summary>
    public KubeConfig As(string token) => this with { Token = token, TokenFile = null, ClientCertificate = null, Exec = null, Renew = null };

    /// <summary>Whether who the caller is differs from what another says.</summary>
    internal bool IsOtherCaller(KubeConfig other) =>
        Token != other.Token || TokenFile != other.TokenFile || Exec?.Command != other.Exec?.Command || ClientCertificate?.Thumbprint != other.ClientCertificate?.Thumbprint;

    /// <summary>Never the token.</summary>
    public override string ToString() => Server.ToString();

    /// <summary>Reads one context of a kubeconfig that is no file. What it says must be in it: files that it names are not read.</summary>
    /// <param name="document">The document, UTF-8.</param>
    /// <param name="context">The context's name; null for the current one.</param>
    /// <returns>The context; errors never quote the document, which may hold secrets.</returns>
    public static KubeResult<KubeConfig> Read(ReadOnlySpan<byte> document, string? context)
    {
        try
        {
            return Choose([(Folder: null, Root: Load(document))], context);
        }
        catch (YamlException error)
        {
            return new KubeError(KubeErrorKind.Unavailable, $"no cluster access: the kubeconfig is no YAML (line {error.Start.Line})");
        }
        catch (Exception error) when (error is IOException or CryptographicException or FormatException or InvalidOperationException)
        {
            return new KubeError(KubeErrorKind.Unavailable, $"no cluster access: the kubeconfig cannot be used ({error.GetType().Name}); certificates must be inline, as `kubectl config view --raw --minify --flatten` prints them");
        }
    }

    private static KubeResult<KubeConfig> Read(List<string> files, string? context, Func<string, string?> variable)
    {
        List<(string? Folder, YamlMappingNode Root)> documents = [.. files.Select(file => (Path.GetDirectoryName(Path.GetFullPath(file)), Load(File.ReadAllBytes(file))))];

        // The same context later, whichever is the current one then.
        var name = context ?? Current(documents);
        var chosen = Choose(documents, name);
        return chosen.Value is { } config ? config with { Renew = _ => Task.FromResult(Find(name, variable)) } : chosen;
    }

    private static string? Current(List<(string? Folder, YamlMappingNode Root)> documents) =>
        documents.Select(document => Text(document.Root, "current-context")).FirstOrDefault(text => !string.IsNullOrEmpty(text));

    private static KubeResult<KubeConfig> Choose(List<(string? Folder, YamlMappingNode Root)> documents, string? context)
    {
        var name = context ?? Current(documents);
        if (name is null || Named(documents, "contexts", name) is not { } found || Child(found.Item, "context") is not { } chosen)
        {
            return new KubeError(KubeErrorKind.Unavailable, name is null ? "no cluster access: the kubeconfig names no current context" : $"no cluster access: the kubeconfig has no context `{name}`");
        }

        if (Named(documents, "clusters", Text(chosen, "cluster") ?? "") is not { } cluster || Child(cluster.Item, "cluster") is not { } place
            || !Uri.TryCreate(Text(place, "server"), UriKind.Absolute, out var server))
        {
            return new KubeError(KubeErrorKind.Unavailable, $"no cluster access: context `{name}` names no cluster with a server");
        }

        Uri? proxy = null;
        if (Text(place, "proxy-url") is { } through && (!Uri.TryCreate(through, UriKind.Absolute, out proxy) || proxy.Scheme is not ("http" or "https" or "socks5")))
        {
            return new KubeError(KubeErrorKind.Unavailable, $"no cluster access: proxy-url of context `{name}` must be an http, https or socks5 URL");
        }

        var user = Named(documents, "users", Text(chosen, "user") ?? "");
        var who = user is null ? null : Child(user.Value.Item, "user");
        return new KubeConfig
        {
            Server = server,
            Authorities = Certificates(Bytes(place, "certificate-authority", cluster.Folder)),
            ServerName = Text(place, "tls-server-name"),
            Proxy = proxy,
            IsUnchecked = Text(place, "insecure-skip-tls-verify") == "true",
            ClientCertificate = who is null ? null : ClientPair(Bytes(who, "client-certificate", user!.Value.Folder), Bytes(who, "client-key", user.Value.Folder)),
            Token = who is null ? null : Text(who, "token"),
            TokenFile = who is null || Text(who, "tokenFile") is not { } file ? null : InFolder(user!.Value.Folder, file),
            Exec = who is null || Child(who, "exec") is not { } exec ? null : ReadExec(exec),
            Namespace = Text(chosen, "namespace"),
        };
    }

    private static KubeResult<KubeConfig> InPod(string? context, Func<string, string?> variable)
    {
        if (context is not null || variable("KUBERNETES_SERVICE_HOST") is not { Length: > 0 } host || !File.Exists($"{AccountFolder}/token"))
        {
            return new KubeError(KubeErrorKind.Unavailable, context is null ? "no cluster access: there is no kubeconfig, and this is no pod of a cluster" : $"no cluster access: there is no kubeconfig with context `{context}`");
        }

        var port = variable("KUBERNETES_SERVICE_PORT") ?? "443";
        return new KubeConfig
        {
            Server = new Uri($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}"),
            Authorities = Certificates(File.ReadAllBytes($"{AccountFolder}/ca.crt")),
            TokenFile = $"{AccountFolder}/token",
            Namespace = File.ReadAllText($"{AccountFolder}/namespace").Trim(),
        };
    }

    private static YamlMappingNode Load(ReadOnlySpan<byte> content)
    {
        if (content.Length > MaxBytes)
        {
            throw new FormatException($"more than {MaxBytes} bytes");
        }

        var stream = new YamlStream();
        stream.Load(new StringReader(Encoding.UTF8.GetString(content)));
        return stream.Documents is [{ RootNode: YamlMappingNode root }, ..] ? root : throw new FormatException("no mapping at the top");
    }

    private static (string? Folder, YamlMappingNode Item)? Named(List<(string? Folder, YamlMappingNode Root)> documents, string list, string name)
    {
        foreach (var (folder, root) in documents)
        {
            if (root.Children.TryGetValue(list, out var node) && node is YamlSequenceNode items
                && items.OfType<YamlMappingNode>().FirstOrDefault(item => Text(item, "name") == name) is { } found)
            {
                return (folder, found);
            }
        }

        return null;
    }

    private static YamlMappingNode? Child(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var child) ? child as YamlMappingNode : null;

    private static string? Text(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var child) && child is YamlScalarNode { Value: { Length: > 0 } value } ? value : null;

    /// <summary>The content of <c>KEY-data</c>, else of the file that <c>KEY</c> names.</summary>
    private static byte[]? Bytes(YamlMappingNode node, string key, string? folder) =>
        Text(node, $"{key}-data") is { } inline ? Convert.FromBase64String(inline)
        : Text(node, key) is { } file ? File.ReadAllBytes(InFolder(folder, file))
        : null;

    private static string InFolder(string? folder, string file) => Path.Combine(folder ?? throw new FormatException("it names a file"), file);

    private static X509Certificate2Collection? Certificates(byte[]? pem)
    {
        if (pem is null)
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(Encoding.ASCII.GetString(pem));
        return certificates;
    }

    private static X509Certificate2? ClientPair(byte[]? certificate, byte[]? key) =>
        certificate is null || key is null ? null : X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(certificate), Encoding.ASCII.GetString(key));

    private static ExecCredential ReadExec(YamlMappingNode exec) => new(
        Text(exec, "command") ?? throw new FormatException("exec without a command"),
        exec.Children.TryGetValue("args", out var args) && args is YamlSequenceNode list ? [.. list.OfType<YamlScalarNode>().Select(item => item.Value ?? "")] : [],
        exec.Children.TryGetValue("env", out var env) && env is YamlSequenceNode variables
            ? [.. variables.OfType<YamlMappingNode>().Select(item => KeyValuePair.Create(Text(item, "name") ?? "", Text(item, "value") ?? ""))]
            : [],
        Text(exec, "apiVersion") ?? "client.authentication.k8s.io/v1");
}

/// <summary>A program that prints a credential.</summary>
/// <param name="Command">The program.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Variables">Variables that it is given besides those of this process.</param>
/// <param name="ApiVersion">The version of the document that it prints.</param>
public sealed record ExecCredential(string Command, IReadOnlyList<string> Arguments, IReadOnlyList<KeyValuePair<string, string>> Variables, string ApiVersion);
