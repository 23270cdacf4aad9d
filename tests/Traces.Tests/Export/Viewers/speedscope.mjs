// Opens a profile with the importers of speedscope (npm, the release in the folder) and prints what it will show: a line a profile.
// usage: node speedscope.mjs FOLDER FILE [NAME]
import fs from 'node:fs';
import path from 'node:path';

const [folder, file, name] = process.argv.slice(2);
const release = path.join(folder, 'dist', 'release');
const script = fs.readFileSync(path.join(release, fs.readdirSync(release).find(entry => /^speedscope-.*\.js$/.test(entry))), 'utf8');

// The page's script keeps its importers to itself: it hands them over where it would begin to draw.
const importers = script.match(/return\(await (\w+)\)\.importProfileGroupFromBase64/)[1];
const drawing = script.lastIndexOf('console.log(`speedscope v');
const page = new Proxy(function () {}, { get: (target, key) => key === Symbol.toPrimitive ? () => '' : page, apply: () => page, construct: () => page, set: () => true });
globalThis.window = globalThis;
for (const missing of ['document', 'location', 'localStorage', 'matchMedia', 'addEventListener', 'HTMLElement', 'requestAnimationFrame', 'getComputedStyle'])
    globalThis[missing] ??= page;
(0, eval)(`${script.slice(0, drawing)}globalThis.importers=${importers};return;${script.slice(drawing)}`);

const content = fs.readFileSync(file);
const bytes = content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength);
const group = await (await globalThis.importers).importProfilesFromArrayBuffer(name ?? path.basename(file), bytes);
if (group === null) {
    console.log('not recognised');
    process.exit(1);
}
for (const profile of group.profiles) {
    const frames = [];
    profile.forEachFrame(frame => frames.push(`${frame.name} ${frame.getSelfWeight()}`));
    console.log(`${profile.getName()}: ${profile.getTotalWeight()} ${profile.getWeightUnit()}; ${frames.sort().join(', ')}`);
}
