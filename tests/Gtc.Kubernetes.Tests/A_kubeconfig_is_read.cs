using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gtc.Kubernetes.Tests;

public sealed class A_kubeconfig_is_read : IDisposable
{
    private const string Config = """
        apiVersion: v1
        kind: Config
        current-context: dev
        contexts:
        - name: dev
          context: {cluster: c, user: token, namespace: apps}
        - name: certs
          context: {cluster: c, user: certs}
        - name: exec
          context: {cluster: c, user: exec}
        - name: broken
          context: {cluster: none, user: token}
        clusters:
        - name: c
          cluster: {server: "https://10.0.0.1:6443", tls-server-name: kube.test, certificate-authority: ca.crt}
        users:
        - name: token
          user: {token: abc}
        - name: certs
          user: {client-certificate: tls.crt, client-key: tls.key}
        - name: exec
          user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: ["-c", "printf '{\"status\":{\"token\":\"from-'$WHO'\"}}'"], env: [{name: WHO, value: exec}]}}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-kube-").FullName;

    public A_kubeconfig_is_read()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        File.WriteAllText(Path.Combine(_folder, "ca.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(_folder, "config"), Config);
    }

    [Fact]
    public void The_current_context_or_a_named_one()
    {
        var current = Find(null).Value!;
        (current.Server.ToString(), current.Token, current.Namespace, current.ServerName).ShouldBe(("https://10.0.0.1:6443/", "abc", "apps", "kube.test"));
        current.Authorities!.Count.ShouldBe(1);
        var certs = Find("certs").Value!;
        certs.ClientCertificate!.HasPrivateKey.ShouldBeTrue();
        certs.Token.ShouldBeNull();
    }

    [Theory]
    [InlineData("nobody", "no context `nobody`")]
    [InlineData("broken", "names no cluster")]
    public void What_is_missing_is_named(string context, string expected) => Find(context).Error!.Message.ShouldContain(expected);

    [Fact]
    public void The_first_file_of_several_wins()
    {
        var other = Path.Combine(_folder, "other");
        File.WriteAllText(other, "current-context: certs\n");
        KubeConfig.Find(null, name => name == "KUBECONFIG" ? $"{other}:{Path.Combine(_folder, "config")}" : null).Value!.ClientCertificate.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(": [")]
    [InlineData("- a\n- b\n")]
    [InlineData("")]
    public void A_file_that_is_none_is_an_error(string text)
    {
        File.WriteAllText(Path.Combine(_folder, "config"), text);
        Find(null).Error!.Message.ShouldContain("no cluster access");
    }

    [Fact]
    public void Without_any_file_outside_a_pod_there_is_no_access() =>
        KubeConfig.Find(null, name => name == "HOME" ? Path.Combine(_folder, "none") : null).Error!.Message.ShouldContain("no kubeconfig");

    [Fact]
    public void A_document_in_memory_holds_everything_that_it_says_and_is_never_quoted()
    {
        const string Secret = "hush-4711";
        var inline = Config.Replace(", certificate-authority: ca.crt", "").Replace("token: abc", $"token: {Secret}");
        var read = KubeConfig.Read(System.Text.Encoding.UTF8.GetBytes(inline), null).Value!;
        (read.Token, read.ToString()).ShouldBe((Secret, "https://10.0.0.1:6443/"));
        foreach (var (document, context) in new[] { (Config, null), (inline, "certs"), (inline, "nobody"), ($"a: [{Secret}", null), ($"- {Secret}", null), ($"{Secret}: {{ *{Secret}", null), ("", null) })
        {
            var error = KubeConfig.Read(System.Text.Encoding.UTF8.GetBytes(document), context).Error;
            error.ShouldNotBeNull(document).Message.ShouldStartWith("no cluster access");
            error.Message.ShouldNotContain(Secret);
        }
    }

    [Fact]
    [Trait("fact", "k8s-deployer:17.22")]
    public async Task A_token_takes_the_place_of_everything_else_that_says_who_the_client_is()
    {
        var bound = Find("certs").Value!.As("bound");
        (bound.Token, bound.ClientCertificate, bound.Exec, bound.TokenFile).ShouldBe(("bound", null, null, null));
        await using var api = await ScriptedApi.StartAsync((_, _) => (200, "{}"));
        using var client = api.Client(bound with { Server = api.Address });
        await client.GetAsync(KubeKind.Of("v1", "Namespace")!, null, "a", TestContext.Current.CancellationToken);
        api.Asked.Single().ShouldBe("GET /api/v1/namespaces/a  Bearer bound");
    }

    [Fact]
    public async Task A_program_gives_the_token()
    {
        await using var api = await ScriptedApi.StartAsync((_, _) => (200, "{}"));
        using var client = api.Client(Find("exec").Value! with { Server = api.Address });
        await client.GetAsync(KubeKind.Of("v1", "Namespace")!, null, "a", TestContext.Current.CancellationToken);
        api.Asked.Single().ShouldEndWith("Bearer from-exec");
    }

    [Fact]
    public async Task The_proxy_of_a_cluster_is_gone_through()
    {
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        using var client = new KubeClient(Through($"http://{proxy.LocalEndpoint}").Value!, TimeSpan.FromMinutes(2), TimeProvider.System);
        var asking = client.GetAsync(KubeKind.Of("v1", "Namespace")!, null, "a", TestContext.Current.CancellationToken);
        using var connection = await proxy.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        using var request = new StreamReader(connection.GetStream());
        (await request.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("GET http://cluster.invalid:6443/api/v1/namespaces/a HTTP/1.1");
        while (await request.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 })
        {
            // The head, to its end.
        }

        await connection.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray(), TestContext.Current.CancellationToken);
        (await asking).Error.ShouldBeNull();
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("ftp://proxy:21")]
    public void A_proxy_that_is_none_is_refused(string url) => Through(url).Error!.Message.ShouldContain("proxy-url of context `dev`");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A cluster that has no address here.</summary>
    private static KubeResult<KubeConfig> Through(string proxy) => KubeConfig.Read(
        Encoding.UTF8.GetBytes($$"""
            {"current-context":"dev","contexts":[{"name":"dev","context":{"cluster":"c","user":"u"} }],
             "clusters":[{"name":"c","cluster":{"server":"http://cluster.invalid:6443","proxy-url":"{{proxy}}"} }],"users":[{"name":"u","user":{"token":"abc"} }]}
            """),
        null);

    private KubeResult<KubeConfig> Find(string? context) => KubeConfig.Find(context, name => name == "KUBECONFIG" ? Path.Combine(_folder, "config") : null);
}
