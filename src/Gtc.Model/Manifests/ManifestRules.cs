using System.Text.Json;

namespace Gtc.Model;

/// <summary>The rules of a manifest (op-cli.md §6.1–6.10), first broken one wins.</summary>
internal static class ManifestRules
{
    public static void Check(EnvManifest manifest)
    {
        ManifestFault.Unless(manifest.Schema == Schemas.EnvManifest, "schema", $"is `{manifest.Schema}`, `{Schemas.EnvManifest}` was expected");
        var environment = CheckEnvironment(manifest.Environment);
        ManifestFault.UnlessOneOf(manifest.TrustRoot, [ManifestWords.Bootstrap], "trust_root");
        ManifestFault.Unless(manifest.Secrets is null || manifest.VaultBootstrap is null, "vault_bootstrap", "excludes `secrets`: seed them through vault_bootstrap.seed");
        CheckSecrets(manifest.Secrets ?? [], "secrets");
        CheckPacks(manifest);
        CheckExtensions(manifest);
        ManifestBundleRules.Check(manifest.Bundles ?? [], environment);
        CheckEndpoints(manifest, environment);
        CheckCluster(manifest.Cluster);
        CheckUpdates(manifest.Updates);
        CheckVault(manifest.VaultBootstrap);
    }

    private static EnvId CheckEnvironment(ManifestEnvironment section)
    {
        ManifestFault.Unless(EnvId.TryParse(section.Id, out var id), "environment.id", $"`{section.Id}` is not {EnvId.Expectation}");
        ManifestFault.IfBlank(section.Name, "environment.name");
        ManifestFault.IfBlank(section.Region, "environment.region");
        ManifestFault.IfBlank(section.TenantOrgId, "environment.tenant_org_id");
        ManifestFault.If(section.PublicBaseUrl is { } url ? PublicBaseUrl.Parse(url).Refusal : null, "environment.public_base_url");
        ManifestFault.Unless(section.ListenAddr is not { } address || UpdateEnvironment.IsSocketAddress(address), "environment.listen_addr", $"`{section.ListenAddr}` must be ip:port");
        return id;
    }

    private static void CheckSecrets(IReadOnlyList<ManifestSecret> secrets, string section)
    {
        for (var index = 0; index < secrets.Count; index++)
        {
            ManifestFault.If(SecretPath.Parse(secrets[index].Path).Refusal, $"{section}[{index}].path");
            ManifestFault.IfBlank(secrets[index].FromEnv, $"{section}[{index}].from_env");
        }

        ManifestFault.IfRepeated(secrets.Select(secret => secret.Path.TrimStart('/')), index => $"{section}[{index}].path");
    }

    private static void CheckPacks(EnvManifest manifest)
    {
        var packs = manifest.Packs ?? [];
        for (var index = 0; index < packs.Length; index++)
        {
            var (pack, at) = (packs[index], $"packs[{index}]");
            ManifestFault.UnlessOneOf(pack.Slot, ManifestWords.Slots, $"{at}.slot");
            CheckKind(pack.Kind, $"{at}.kind");
            ManifestFault.IfBlank(pack.PackRef, $"{at}.pack_ref");
            ManifestFault.IfBlank(pack.AnswersRef, $"{at}.answers_ref");
            ManifestFault.Unless(pack.Answers.ValueKind is JsonValueKind.Undefined or JsonValueKind.Object, $"{at}.answers", "must be an object");
            ManifestFault.Unless(pack.AnswersRef is null || pack.Answers.ValueKind == JsonValueKind.Undefined, $"{at}.answers", "excludes answers_ref");
        }

        ManifestFault.IfRepeated(packs.Select(pack => pack.Slot), index => $"packs[{index}].slot");
    }

    private static void CheckExtensions(EnvManifest manifest)
    {
        var extensions = manifest.Extensions ?? [];
        for (var index = 0; index < extensions.Length; index++)
        {
            var (extension, at) = (extensions[index], $"extensions[{index}]");
            CheckKind(extension.Kind, $"{at}.kind");
            ManifestFault.IfBlank(extension.PackRef, $"{at}.pack_ref");
            ManifestFault.Unless(
                extension.InstanceId is not { } instance || (instance.Length > 0 && instance.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')),
                $"{at}.instance_id",
                $"`{extension.InstanceId}` must be [a-z0-9-]+");
            ManifestFault.IfBlank(extension.AnswersRef, $"{at}.answers_ref");
        }

        ManifestFault.IfRepeated(
            extensions.Select(extension => new ExtensionKey(extension.Kind[..extension.Kind.IndexOf('@', StringComparison.Ordinal)], extension.InstanceId)),
            index => $"extensions[{index}]");
    }

    private static void CheckEndpoints(EnvManifest manifest, EnvId environment)
    {
        var endpoints = manifest.MessagingEndpoints ?? [];
        for (var index = 0; index < endpoints.Length; index++)
        {
            var (endpoint, at) = (endpoints[index], $"messaging_endpoints[{index}]");
            ManifestFault.IfBlank(endpoint.Name, $"{at}.name");
            ManifestFault.IfBlank(endpoint.ProviderType, $"{at}.provider_type");
            ManifestFault.IfRepeated(endpoint.Links ?? [], link => $"{at}.links[{link}]");
            foreach (var (reference, position) in (endpoint.SecretRefs ?? []).Select((reference, position) => (reference, position)))
            {
                var complaint = References.CheckSecret(reference, out var env) ?? (env == environment.ToString() ? null : "CrossEnvRef");
                ManifestFault.Unless(complaint is null, $"{at}.secret_refs[{position}]", $"`{reference}` must be secret://{environment}/<path> ({complaint})");
            }

            if (endpoint.WelcomeFlow is { } flow)
            {
                ManifestFault.Unless((endpoint.Links ?? []).Contains(flow.BundleId), $"{at}.welcome_flow.bundle_id", $"`{flow.BundleId}` must be one of links");
                ManifestFault.IfBlank(flow.PackId, $"{at}.welcome_flow.pack_id");
                ManifestFault.IfBlank(flow.FlowId, $"{at}.welcome_flow.flow_id");
            }
        }

        ManifestFault.IfRepeated(endpoints.Select(endpoint => endpoint.Name), index => $"messaging_endpoints[{index}].name");
    }

    private static void CheckCluster(ManifestCluster? cluster)
    {
        if (cluster is null)
        {
            return;
        }

        ManifestFault.UnlessOneOf(cluster.Provider, ManifestWords.ClusterProviders, "cluster.provider");
        ManifestFault.IfBlank(cluster.Name, "cluster.name");
        ManifestFault.IfBlank(cluster.KubeconfigContext, "cluster.kubeconfig_context");
        var images = cluster.LoadImages ?? [];
        for (var index = 0; index < images.Length; index++)
        {
            ManifestFault.IfBlank(images[index], $"cluster.load_images[{index}]");
        }
    }

    private static void CheckUpdates(ManifestUpdates? updates)
    {
        if (updates is null)
        {
            return;
        }

        CheckUrl(updates.PlanEndpoint, "updates.plan_endpoint");
        CheckUrl(updates.StreamEndpoint, "updates.stream_endpoint");
        ManifestFault.UnlessOneOf(updates.OnNotify, ManifestWords.UpdateActions, "updates.on_notify");
        ManifestFault.Unless(
            (updates.PollIntervalSecs ?? UpdateChannelConfig.MinPollIntervalSecs) >= UpdateChannelConfig.MinPollIntervalSecs,
            "updates.poll_interval_secs",
            $"must be at least {UpdateChannelConfig.MinPollIntervalSecs}, {updates.PollIntervalSecs} was given");
        ManifestFault.Unless(
            updates.TrustDid.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
                || (updates.TrustDid.ValueKind == JsonValueKind.String && updates.TrustDid.GetString()!.StartsWith("did:web:", StringComparison.Ordinal)),
            "updates.trust_did",
            "must be a did:web: identifier or null");
    }

    private static void CheckVault(ManifestVault? vault)
    {
        if (vault is null)
        {
            return;
        }

        ManifestFault.UnlessOneOf(vault.Deploy, ManifestWords.VaultModes, "vault_bootstrap.deploy");
        ManifestFault.IfBlank(vault.Namespace, "vault_bootstrap.namespace");
        ManifestFault.IfBlank(vault.RootToken, "vault_bootstrap.root_token");
        ManifestFault.IfBlank(vault.Image, "vault_bootstrap.image");
        CheckSecrets(vault.Seed ?? [], "vault_bootstrap.seed");
    }

    private static void CheckKind(string kind, string path) =>
        ManifestFault.Unless(PackDescriptor.Parse(kind, out _) is null, path, $"`{kind}` is not {PackDescriptor.Expectation} ({PackDescriptor.Parse(kind, out _)})");

    /// <summary>What is fetched decides what runs, so the way there must be encrypted, except to this machine.</summary>
    private static void CheckUrl(string? text, string path) => ManifestFault.Unless(
        text is null || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))),
        path,
        $"`{text}` must be an https URL; http is for loopback only");
}
