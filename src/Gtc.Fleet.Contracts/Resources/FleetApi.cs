namespace Gtc.Fleet.Contracts;

/// <summary>Names in the API of the cluster that people, the operator and its installer have to agree on.</summary>
public static class FleetApi
{
    /// <summary>The group.</summary>
    public const string Group = "fleet.nationtech.io";

    /// <summary>The version.</summary>
    public const string Version = "v1alpha1";

    /// <summary>Group and version.</summary>
    public const string GroupVersion = $"{Group}/{Version}";

    /// <summary>The kind of deployments.</summary>
    public const string DeploymentKind = "Deployment";

    /// <summary>The kind of devices.</summary>
    public const string DeviceKind = "Device";

    /// <summary>The name of the definition of deployments. <c>kubectl get deployments</c> means others, so every text of gtc prints this one.</summary>
    public const string Deployments = $"deployments.{Group}";

    /// <summary>The name of the definition of devices.</summary>
    public const string Devices = $"devices.{Group}";

    /// <summary>The finalizer by which a deployment waits until it is gone from every device.</summary>
    public const string DeploymentFinalizer = $"{Group}/desired-state-cleanup";

    /// <summary>The finalizer by which a device waits until its keys are gone.</summary>
    public const string DeviceFinalizer = $"{Group}/device-cleanup";

    /// <summary>The annotation whose value, a score's hash, resumes a roll-out that was paused.</summary>
    public const string ResumeAnnotation = $"{Group}/resume";

    /// <summary>Who writes the labels and inventory of devices.</summary>
    public const string DeviceManager = "fleet-device-reconciler";

    /// <summary>Who writes what <c>gtc fleet apply</c> applies.</summary>
    public const string ApplyManager = "fleet-apply";

    /// <summary>Who writes what <c>gtc fleet install</c> and <c>gtc fleet nats install</c> apply.</summary>
    public const string InstallManager = "fleet-install";
}
