// The camera: looks for a QR code in frame after frame until one is found or the reader stops it.

import { drawn, readFrame } from "./reader.js";

const WANTED = { video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } }, audio: false };
const LONGEST_SIDE = 1600; // pixels of a frame that is looked at
const PAUSE = 80; // milliseconds between two frames, for the rest of the page

export class Camera {
  constructor(video) {
    this.video = video;
    this.stream = null;
  }

  get isOn() {
    return this.stream !== null;
  }

  // Show the camera's picture. Throws what getUserMedia throws, NotAllowedError above all; TypeError where the
  // page came without TLS.
  async start() {
    this.stream = await navigator.mediaDevices.getUserMedia(WANTED);
    this.video.srcObject = this.stream;
    await this.video.play();
  }

  // The texts of the first frame in which there are any; none when the camera is stopped.
  async find() {
    while (this.isOn) {
      const { videoWidth, videoHeight } = this.video;
      if (videoWidth) {
        const scale = Math.min(1, LONGEST_SIDE / Math.max(videoWidth, videoHeight));
        const texts = await readFrame(drawn(this.video, scale));
        if (texts.length && this.isOn) return texts;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    return [];
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.video.srcObject = null;
    this.stream = null;
  }
}
